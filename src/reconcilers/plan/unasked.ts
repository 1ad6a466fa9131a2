/** Who has a place in the proxy, and is not known to be well or ill yet: a controller that just started takes nobody's requests, or standby, away. Pure. */
import type { HealthSpec } from '../desired/stack-spec.js';
import type { ObservedContainer, ObservedHealth, World } from '../observed/world.js';
import type { PlanInput } from './plan-input.js';
import { addressesOf, serverAddress } from './proxy-model.js';
import type { GoalPlan, ReplicaPlan } from './service-slots.js';

/** For traffic alone, those count as ready. The same object where there are none. */
export function withUnasked(input: PlanInput, plan: GoalPlan): GoalPlan {
  const { proven, spec } = plan.goal;
  const isOne = (slot: ReplicaPlan) => isUnasked(input, slot, spec.health);
  if (!proven || !plan.slots.some(isOne)) return plan;
  return { ...plan, slots: plan.slots.map((slot) => (isOne(slot) ? { ...slot, ready: true } : slot)) };
}

function isUnasked(
  { world, busy }: PlanInput,
  { ready, running, container }: ReplicaPlan,
  health: HealthSpec | undefined,
): boolean {
  if (ready || !running || container === undefined || busy.has(container.name)) return false;
  const { wasHealthy, failuresInARow } = world.health.get(container.id) ?? NEVER_ASKED;
  return !wasHealthy && failuresInARow < (health?.retries ?? 1) && hasPlace(world, container);
}

const NEVER_ASKED: Pick<ObservedHealth, 'wasHealthy' | 'failuresInARow'> = {
  wasHealthy: false,
  failuresInARow: 0,
};

/** Since before the proxy was looked at first: one that was started anew since has to prove itself. */
function hasPlace({ proxy }: World, { id, startedAt = Infinity }: ObservedContainer): boolean {
  const { confirmed, servedSince = 0, model } = proxy;
  return confirmed && startedAt < servedSince && addressesOf(model ?? { routes: [] }).has(serverAddress(id));
}
