/** Services that do not stay up as a story: told once per change, in force until they do. Another restart alone is no change. Pure. */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { Plan } from '../plan/plan.js';
import { unstableReplica, type Sight, type UnstableReplica } from './unstable.js';

/** A replica and its last end, which is remembered while it is up again. */
export type ToldReplica = Required<UnstableReplica>;

/** By service. */
export type UnstableServices = Readonly<Record<string, ToldReplica>>;

export interface UnstableChange {
  readonly unstable: UnstableServices;
  readonly events: readonly HistoryEventInput[];
}

/** Restarts are told again when they have become so many times what was told. */
const TOLD_AGAIN = 2;

export function trackUnstable(before: UnstableServices, plan: Plan, sight: Sight): UnstableChange {
  const seen = plan.services.flatMap((service) => {
    const replica = unstableReplica(service, sight);
    const { name } = service.spec;
    const told = replica === undefined ? undefined : asTold(replica, before[name]);
    return told === undefined ? [] : [[name, told] as const];
  });
  const news = seen.filter(([name, replica]) => !isSame(replica, before[name]));
  return {
    unstable: Object.fromEntries(seen),
    events: news.map(([service, replica]) => ({
      event: 'replica_unstable',
      service,
      target: replica.target,
      restarts: replica.restarts,
      message: unstableWords(replica),
    })),
  };
}

export function unstableWords({ target, restarts, end }: ToldReplica): string {
  return `${target} does not stay up after ${String(restarts)} restarts or more: ${end}; it is started again with growing pauses`;
}

/** A story begins when an end was seen. */
function asTold(replica: UnstableReplica, known: ToldReplica | undefined): ToldReplica | undefined {
  const { target, restarts } = replica;
  const isKnown = known?.target === target;
  const end = replica.end ?? (isKnown ? known.end : undefined);
  if (end === undefined) return known;
  const isFew = isKnown && restarts >= known.restarts && restarts < TOLD_AGAIN * known.restarts;
  return { target, restarts: isFew ? known.restarts : restarts, end };
}

function isSame(replica: ToldReplica, known: ToldReplica | undefined): boolean {
  return known !== undefined && unstableWords(replica) === unstableWords(known);
}
