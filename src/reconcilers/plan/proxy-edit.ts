/** Under which question a proxy that runs gets another configuration, where that is the manifest's wish. Pure. */
import type { PlanInput } from './plan-input.js';
import type { ProxyModel, RouteModel } from './proxy-model.js';
import { samePlace } from './same.js';
import type { StepGate } from './steps.js';

/** Absent where the manifest says of it what it said before, and the configuration only follows what the engine has. */
export function editQuestion(
  input: PlanInput,
  { wanted, served }: { readonly wanted: ProxyModel; readonly served: ProxyModel },
): StepGate['question'] | undefined {
  if (wanted.contact !== served.contact || wanted.timeoutSeconds !== served.timeoutSeconds) return 'replace';
  const moving = [...placesOnlyIn(wanted, served), ...placesOnlyIn(served, wanted)];
  if (moving.length === 0) return wanted.drainSeconds === served.drainSeconds ? undefined : 'replace';
  if (moving.every((route) => arrives(input, served, route))) return 'deploy';
  return moving.every((route) => leaves(input, route)) ? 'remove' : 'replace';
}

function placesOnlyIn(here: ProxyModel, there: ProxyModel): readonly RouteModel[] {
  const isThere = (route: RouteModel) =>
    there.routes.some((other) => other.service === route.service && samePlace(other, route));
  return here.routes.filter((route) => !isThere(route));
}

/** It never served, and is nowhere yet. */
function arrives({ memory }: PlanInput, served: ProxyModel, { service }: RouteModel): boolean {
  const { stable, canary } = memory.services[service] ?? {};
  return (
    stable === undefined && canary === undefined && served.routes.every((route) => route.service !== service)
  );
}

/** The whole service goes, with its containers. */
function leaves({ stack }: PlanInput, { service }: RouteModel): boolean {
  return stack.services.every(({ name }) => name !== service);
}
