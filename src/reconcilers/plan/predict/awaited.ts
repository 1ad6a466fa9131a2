/** What has to come by itself before the next step is possible, in words. Pure. */
import type { World } from '../../observed/world.js';
import type { Plan } from '../plan.js';
import type { ServicePlan } from '../plan-service.js';
import { serverAddress } from '../proxy-model.js';
import { sameRoute } from '../same.js';
import { settleMs, type GoalPlan } from '../service-slots.js';

/** Each completes "when …"; empty when nothing in particular is waited for. */
export function awaited(plan: Plan, world: World): readonly string[] {
  return [
    ...policyEngine(world),
    ...plan.services.flatMap(({ goals }) => goals.flatMap(replicas)),
    ...plan.services.flatMap(warmUp),
    ...draining(plan, world),
  ];
}

function policyEngine({ policyEngines }: World): string[] {
  const isAwaited = [...policyEngines.values()].some(({ ready }) => !ready);
  return isAwaited ? ['the policy engine answers'] : [];
}

function replicas({ goal, slots }: GoalPlan): string[] {
  const { name, container, health } = goal.spec;
  const starting = slots.filter(({ running, ready }) => running && !ready);
  if (starting.length === 0) return [];
  const who =
    slots.length === 1
      ? `${name} ${container.version}`
      : `${String(starting.length)} ${starting.length === 1 ? 'replica' : 'replicas'} of ${name} ${container.version}`;
  const stays = `has stayed up for ${String(settleMs(goal) / 1000)} s`;
  return [`${who} ${health === undefined ? stays : verb(slots.length, starting.length)}`];
}

function verb(places: number, starting: number): string {
  return places > 1 && starting > 1 ? 'answer their health checks' : 'answers its health check';
}

function warmUp({ route, spec }: ServicePlan): string[] {
  if (route === undefined || sameRoute(route.next, route.final)) return [];
  return [`nginx has resolved the new servers of ${spec.name}`];
}

/** Replicas that leave, or are restarted once they are left alone, and that some nginx worker may still use. */
function draining({ wanted }: Plan, { containers, proxy, health }: World): string[] {
  const left = containers.filter(
    ({ id, name, role, state }) =>
      role === 'service' &&
      state === 'running' &&
      (!wanted.includes(name) || health.get(id)?.healthy === false) &&
      proxy.knownToWorkers.has(serverAddress(id)),
  );
  return left.length === 0 ? [] : [`requests to ${left.map(({ name }) => name).join(', ')} are done`];
}
