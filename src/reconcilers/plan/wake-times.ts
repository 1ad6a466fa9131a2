/** When a service has to be looked at again though nothing tells of it. Pure. */
import type { PlanInput } from './plan-input.js';
import { deadlineOf, triedSince } from './rollout-failure.js';
import { WARM_UP_MS, type RouteDecision } from './route.js';
import { sameRoute } from './same.js';
import { settlesAt, type GoalPlan } from './service-slots.js';

/** How often a draining replica's workers are looked at. */
const DRAIN_POLL_MS = 250;

interface Waiting {
  readonly goals: readonly GoalPlan[];
  readonly route: RouteDecision | undefined;
  /** A replica is waited for that nginx still sends requests to. */
  readonly draining: boolean;
}

/** Epoch milliseconds. */
export function wakeTimes(input: PlanInput, { goals, route, draining }: Waiting): number[] {
  const slots = goals.flatMap((plan) => plan.slots.map((slot) => ({ plan, slot })));
  const waits = slots.flatMap(({ plan, slot }) => [slot.waitUntil, settlesAt(plan.goal, slot)]);
  const warmUp =
    route !== undefined && !sameRoute(route.next, route.final) ? [input.now + WARM_UP_MS / 4] : [];
  const deadlines = slots
    .filter(({ plan, slot }) => !plan.goal.proven && !slot.ready)
    .flatMap(({ plan, slot }) => {
      const since = triedSince(slot);
      return since === undefined ? [] : [since + deadlineOf(plan)];
    })
    .filter((at) => at > input.now);
  const drains = draining ? [input.now + DRAIN_POLL_MS] : [];
  return [...waits, ...warmUp, ...deadlines, ...drains].filter((at) => at !== undefined);
}
