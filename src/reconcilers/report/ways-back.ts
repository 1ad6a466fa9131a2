/**
 * The way back from a canary that failed, as a story: it begins with the failure, and is told once users are back on the stable version.
 * Between the two the policies, or the proxy, may keep the canary where it is. Pure.
 */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import { doneSteps, type StepResult } from '../apply/apply.js';
import { hashOf } from '../plan/goals.js';
import type { ServiceMemory, StackMemory } from '../plan/memory.js';
import type { Plan } from '../plan/plan.js';
import type { Track } from '../plan/proxy-model.js';
import { servedRoute } from '../plan/route.js';
import { containersOf, routedShare } from './routed-share.js';
import type { TickResult } from './tick-result.js';

/** Two versions by their spec hashes. */
export interface WayBack {
  readonly from: string;
  readonly to: string;
  /** As it will be told. */
  readonly event: HistoryEventInput;
}

/** By service: those that have begun and are not told. */
export type WaysBack = Readonly<Record<string, WayBack>>;

/** Of canaries that users had, where there is another version to go back to. `asTold`: with what is known of it only now. */
export function begunWaysBack(
  before: StackMemory,
  results: readonly StepResult[],
  asTold: (event: HistoryEventInput) => HistoryEventInput,
): WaysBack {
  const begun = doneSteps(results).flatMap((step) => {
    if (step.kind !== 'recordFailure' || step.failure.track !== 'canary') return [];
    const { service, specHash, version, message } = step.failure;
    const { canary, stable } = before.services[service] ?? {};
    const to = hashOf(stable);
    if (hashOf(canary) !== specHash || stable === undefined || to === undefined) return [];
    const event = asTold({
      event: 'rollback',
      service,
      version: stable.container.version,
      spec_hash: to,
      target_mode: 'stable',
      from: version,
      cause: message,
    });
    return [[service, { from: specHash, to, event }] as const];
  });
  return Object.fromEntries(begun);
}

interface WaysBackChange {
  readonly open: WaysBack;
  readonly events: readonly HistoryEventInput[];
}

type Sight = Pick<TickResult, 'world' | 'results'> & { readonly plan: Plan };

export function trackWaysBack(before: WaysBack, begun: WaysBack, sight: Sight): WaysBackChange {
  const memoryOf = (name: string) => sight.plan.services.find(({ spec }) => spec.name === name)?.memory;
  const known = Object.entries(before).filter(([service, way]) => isWanted(way, memoryOf(service)));
  const all = Object.entries({ ...Object.fromEntries(known), ...begun });
  const taken = all.filter(([service, way]) => isTaken(service, way, sight));
  const open = all.filter((one) => !taken.includes(one));
  return { open: Object.fromEntries(open), events: taken.map(([, { event }]) => event) };
}

/** Not when the service got another stable version meanwhile, or the same canary anew, or is gone: that is told as what it is. */
function isWanted({ from, to }: WayBack, memory: ServiceMemory | undefined): boolean {
  return hashOf(memory?.stable) === to && hashOf(memory?.canary) !== from;
}

function isTaken(service: string, { from, to }: WayBack, { world, results }: Sight): boolean {
  if (world === undefined) return false;
  const [moved] = doneSteps(results).flatMap((step) =>
    step.kind === 'shiftTraffic' && step.target === service ? [step.route] : [],
  );
  if (moved === undefined && !world.proxy.confirmed) return false; // nobody knows who has the requests
  const route = moved ?? servedRoute({ world }, service);
  const shareOf = (track: Track, specHash: string) =>
    routedShare(route, containersOf(world, { service, track, specHash }));
  return route === undefined || (shareOf('canary', from) === 0 && shareOf('stable', to) > 0);
}
