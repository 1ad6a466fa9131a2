/** Services that do not stay up as a story: told once per change, in force until they do. Another restart alone is no change. Pure. */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { Plan } from '../plan/plan-stack.js';
import { unstableReplica, type UnstableReplica } from './unstable.js';

/** By service. */
export type UnstableServices = Readonly<Record<string, UnstableReplica>>;

export interface UnstableChange {
  readonly unstable: UnstableServices;
  readonly events: readonly HistoryEventInput[];
}

/** Restarts are told again when they have become so many times what was told. */
const TOLD_AGAIN = 2;

export function trackUnstable(before: UnstableServices, plan: Plan, now: number): UnstableChange {
  const seen = plan.services.flatMap((service) => {
    const replica = unstableReplica(service, now);
    const { name } = service.spec;
    return replica === undefined ? [] : [[name, asTold(replica, before[name])] as const];
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

export function unstableWords({ target, restarts, end }: UnstableReplica): string {
  const often = restarts > 0 ? ` after ${String(restarts)} restarts or more` : '';
  return `${target} does not stay up${often}: ${end}; it is started again with growing pauses`;
}

function asTold(replica: UnstableReplica, known: UnstableReplica | undefined): UnstableReplica {
  if (known?.target !== replica.target) return replica;
  const isFew = replica.restarts >= known.restarts && replica.restarts < TOLD_AGAIN * known.restarts;
  return isFew ? { ...replica, restarts: known.restarts } : replica;
}

function isSame(replica: UnstableReplica, known: UnstableReplica | undefined): boolean {
  return known !== undefined && unstableWords(replica) === unstableWords(known);
}
