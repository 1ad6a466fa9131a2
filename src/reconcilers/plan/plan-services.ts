/** All services of a stack, each at its place of this moment; also those that leave and answer until who takes their place can. */
import type { ServiceSpec } from '../desired/stack-spec.js';
import { leaversOf, withLeavers } from './leavers.js';
import { settlePlaces, type Claim } from './places.js';
import type { PlanInput } from './plan-input.js';
import { planService, planServiceGoals, type ServiceGoals, type ServicePlan } from './plan-service.js';
import type { Place } from './proxy-model.js';
import { servedRoute } from './route.js';
import { samePlace } from './same.js';
import { fullyReady, type GoalPlan } from './service-slots.js';

interface ServicePlans {
  /** With the leavers that stay as part of the stack. */
  readonly input: PlanInput;
  readonly services: readonly ServicePlan[];
  /** Where each service answers now; absent for nowhere. */
  readonly places: ReadonlyMap<string, Place>;
}

export function planServices(wish: PlanInput): ServicePlans {
  const leavers = leaversOf(wish.stack, wish.memory);
  const wanted = wish.stack.services.map((spec) => planServiceGoals(wish, spec));
  const places = settlePlaces([
    ...wanted.map((goals) => claimOf(wish, goals)),
    ...leavers.map((spec) => leaverClaim(wish, spec)),
  ]);
  const staying = leavers.filter(({ name }) => places.has(name));
  const input = { ...wish, stack: withLeavers(wish.stack, staying) };
  const services = [...wanted, ...staying.map((spec) => planServiceGoals(input, spec))].map((goals) =>
    planAt(input, goals, places.get(goals.spec.name)),
  );
  return { input, services, places };
}

function claimOf(input: PlanInput, { spec, goals: [wanted] }: ServiceGoals): Claim {
  return {
    service: spec.name,
    served: placeServed(input, spec.name),
    wanted: spec.route,
    isReady: spec.route === undefined || canServe(spec, wanted),
  };
}

/** A version that served before does wherever it is wanted; a new one when all of it is ready. */
function canServe(spec: ServiceSpec, wanted: GoalPlan | undefined): boolean {
  return wanted?.goal.spec === spec && (wanted.goal.proven || fullyReady(wanted));
}

function leaverClaim(input: PlanInput, { name }: ServiceSpec): Claim {
  return { service: name, served: placeServed(input, name), wanted: undefined, isReady: true };
}

/** Of who served there; a proxy that does not answer, and may be made anew, is to serve as it was remembered. */
function placeServed(input: PlanInput, service: string): Place | undefined {
  const { stable, canary } = input.memory.services[service] ?? {};
  const known = stable ?? canary;
  if (known === undefined || !input.world.proxy.confirmed) return known?.route;
  return servedRoute(input, service);
}

function planAt(input: PlanInput, service: ServiceGoals, place: Place | undefined): ServicePlan {
  const { spec, goals } = service;
  if (place === undefined || samePlace(place, spec.route)) return planService(input, service);
  const { host, path } = place;
  const held = planService(input, service, { path, ...(host === undefined ? {} : { host }) });
  return canServe(spec, goals[0]) ? { ...held, waitsForPlace: true } : held;
}
