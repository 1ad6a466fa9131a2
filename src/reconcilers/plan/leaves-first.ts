/**
 * A replica that fails its health check may still answer people: where somebody else can take its requests, it is restarted only
 * once nginx sends it none. Pure.
 */
import type { PlanInput } from './plan-input.js';
import { addressesOf, serverAddress, type RouteModel } from './proxy-model.js';
import type { GoalPlan, ReplicaPlan } from './service-slots.js';

/** `next`: where the service's requests go next; absent where it has no route. */
export function leavesFirst(
  { world }: Pick<PlanInput, 'world'>,
  next: RouteModel | undefined,
  { goal, slot: { chain, container } }: { readonly goal: GoalPlan['goal']; readonly slot: ReplicaPlan },
): boolean {
  if (chain[0]?.kind !== 'restartContainer' || container === undefined || next === undefined) return false;
  const address = serverAddress(container.id);
  if (addressesOf({ routes: [next] }).has(address)) return false;
  const { model, knownToWorkers } = world.proxy;
  const isRouted = model !== undefined && addressesOf(model).has(address);
  return isRouted ? !isOverdue(goal, world.health.get(container.id)) : knownToWorkers.has(address);
}

/** Whoever may not be taken out of nginx, or cannot, is not left sick for that. */
function isOverdue(
  { spec: { health, drainMs } }: GoalPlan['goal'],
  known: { readonly failuresInARow: number } | undefined,
): boolean {
  if (health === undefined || known === undefined) return true;
  return (known.failuresInARow - health.retries) * health.intervalMs >= drainMs;
}
