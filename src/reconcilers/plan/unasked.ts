/** Who has been answering users, and whom nobody has asked for health yet: a controller that just started takes nobody's requests away. Pure. */
import type { ObservedContainer, World } from '../observed/world.js';
import type { PlanInput } from './plan-input.js';
import { serverAddress } from './proxy-model.js';
import type { GoalPlan, ReplicaPlan } from './service-slots.js';

/** For traffic alone, those count as ready. The same object where there are none. */
export function withUnasked(input: PlanInput, plan: GoalPlan): GoalPlan {
  if (!plan.goal.proven || !plan.slots.some((slot) => isUnasked(input, slot))) return plan;
  return {
    ...plan,
    slots: plan.slots.map((slot) => (isUnasked(input, slot) ? { ...slot, ready: true } : slot)),
  };
}

function isUnasked({ world, busy }: PlanInput, { ready, running, container }: ReplicaPlan): boolean {
  if (ready || !running || container === undefined || busy.has(container.name)) return false;
  return !world.health.has(container.id) && hasServed(world, container);
}

/** Since before the proxy was looked at first: one that was started anew since has to prove itself. */
function hasServed({ proxy }: World, { id, startedAt = Infinity }: ObservedContainer): boolean {
  const { confirmed, servedSince = 0, model } = proxy;
  const tracks = model?.routes.flatMap((route) => route.tracks.filter(({ weight }) => weight > 0)) ?? [];
  const isServed = tracks.some(({ servers }) => servers.some(({ address }) => address === serverAddress(id)));
  return confirmed && isServed && startedAt < servedSince;
}
