/** One service: what its replicas need, where its requests go, what leaves, and what is remembered of it. */
import type { ServiceSpec } from '../desired/stack-spec.js';
import { buildFinding } from './build.js';
import { failedLeftovers, removeLeftover } from './leftovers.js';
import type { ServiceMemory, Rollout } from './memory.js';
import type { Finding, PlanInput } from './plan-input.js';
import { rolloutFailure, verdictFailure, type FailedRollout } from './rollout-failure.js';
import { planShift } from './plan-shift.js';
import { leavesFirst } from './leaves-first.js';
import { decideRoute, servedRoute, type RouteDecision } from './route.js';
import { canaryShare, type Place } from './proxy-model.js';
import { same, sameRoute } from './same.js';
import { currentMemory, currentRollout, remembered } from './service-notes.js';
import { fullyReady, planGoals, type GoalPlan } from './service-slots.js';
import type { Chain, Step } from './steps.js';
import { planSurplus } from './surplus.js';
import { wakeTimes } from './wake-times.js';

export interface ServicePlan {
  readonly spec: ServiceSpec;
  readonly goals: readonly GoalPlan[];
  readonly route?: RouteDecision;
  readonly chains: readonly Chain[];
  readonly findings: readonly Finding[];
  readonly memory: ServiceMemory;
  /** Nothing is on its way any more: the wanted goal serves, alone. */
  readonly converged: boolean;
  /** It could serve where the manifest has it, and answers elsewhere until somebody takes that over. */
  readonly waitsForPlace?: true;
  /** When to look again though nothing has told us to; epoch milliseconds. */
  readonly wakeAt: readonly number[];
}

/** What a service should run, and how far it is: all that its place depends on. */
export type ServiceGoals = Pick<ServicePlan, 'spec' | 'goals'>;

export function planServiceGoals(input: PlanInput, spec: ServiceSpec): ServiceGoals {
  return { spec, goals: planGoals(input, spec, currentMemory(input, spec)) };
}

/** `heldAt`: where it still answers, with what serves there, though the manifest has it elsewhere. */
export function planService(input: PlanInput, { spec, goals }: ServiceGoals, heldAt?: Place): ServicePlan {
  const plan = planAttempt(input, { spec, goals }, heldAt);
  const leftovers = failedLeftovers(input, spec);
  if (leftovers.length === 0) return plan;
  return {
    ...plan,
    chains: [
      ...leftovers.map(removeLeftover),
      ...plan.chains.filter((chain) => !concernsWanted(plan, chain)),
    ],
    memory: input.memory.services[spec.name] ?? {},
    converged: false,
  };
}

/** The new attempt waits for its clean place; everything else goes on. */
function concernsWanted({ goals }: ServicePlan, chain: Chain): boolean {
  const places = goals[0]?.slots.map(({ template }) => template.name) ?? [];
  return chain.some(({ target }) => places.includes(target));
}

function planAttempt(input: PlanInput, { spec, goals }: ServiceGoals, heldAt?: Place): ServicePlan {
  const memory = currentMemory(input, spec);
  const failed = failureOf(input, goals, memory);
  const rollout = currentRollout(spec, goals, memory);
  const route = decideRoute(input, {
    spec,
    goals: heldAt === undefined ? goals : goals.filter(({ goal }) => goal.proven),
    share: shareOf(spec, goals, rollout),
    place: heldAt ?? spec.route,
  });
  const surplus = planSurplus(input, { service: spec.name, goals, memory });
  const served = heldAt === undefined && isServed(input, spec, goals, route);
  const failing: Chain = failed === undefined ? [] : [failureStep(failed, memory)];
  const moving = planShift(input, {
    spec,
    route,
    isNextStep: isNextStep(input, { spec, route, rollout }),
  });
  const after = served ? remembered(input, { spec, goals, memory, rollout }) : memory;
  const arriving = moving.length > 0 || (goals[0] !== undefined && !fullyReady(goals[0]));
  // A canary that fails may be made of the same as the stable version that stands by, which is healed on.
  const slots = goals
    .filter(({ goal }) => goal.specHash !== failed?.failure.specHash || goal.part === 'warm')
    .flatMap(({ goal, slots }) => slots.map((slot) => ({ goal, slot })));
  const leaving = slots.filter((one) => leavesFirst(input, route?.next, one));
  return {
    spec,
    goals,
    ...(route === undefined ? {} : { route }),
    chains: [
      failing,
      ...slots.filter((one) => !leaving.includes(one)).map(({ slot }) => slot.chain),
      moving,
      ...surplus.chains.filter((chain) => !arriving || isWayBack(chain) || isOfNobody(chain)),
    ].filter((chain) => chain.length > 0),
    findings: buildFindings(goals),
    memory: after,
    converged: served && same(after, memory) && !surplus.draining && goals.every(fullyReady),
    wakeAt: [
      ...(same(after, memory) ? [] : [input.now]),
      ...wakeTimes(input, { goals, route, draining: surplus.draining || leaving.length > 0 }),
    ],
  };
}

interface Attempt {
  readonly spec: ServiceSpec;
  readonly route: RouteDecision | undefined;
  /** Absent where no canary is wanted. */
  readonly rollout: Rollout | undefined;
}

/** Its canary was never served at this share. More than that is what it gets in the place of a stable version that answers nobody. */
function isNextStep(input: PlanInput, { spec, route, rollout }: Attempt): boolean {
  if (spec.mode !== 'canary' || rollout === undefined || rollout.since !== undefined) return false;
  const served = servedRoute(input, spec.name);
  if (route === undefined || served === undefined) return true;
  const standsIn = canaryShare(route.next) > rollout.weight && canaryShare(served) > 0;
  return !standsIn;
}

/** What is superseded leaves when its successor is up: a tick that stops containers is a slow one. */
function isWayBack([first]: Chain): boolean {
  return first?.gate?.direction === 'back';
}

/** Runs, and was edited away before it served: where one edit follows another, such versions would pile up. */
function isOfNobody([first]: Chain): boolean {
  return first?.kind === 'stopContainer' && first.gate?.service?.spec === undefined;
}

function failureOf(
  input: PlanInput,
  goals: readonly GoalPlan[],
  memory: ServiceMemory,
): FailedRollout | undefined {
  const [wanted] = goals;
  return (wanted && rolloutFailure(input, wanted)) ?? verdictFailure(input, goals, memory);
}

/** The wanted goal's, percent. A promoted canary gets everything once all the replicas that this needs are ready. */
function shareOf(spec: ServiceSpec, [wanted]: readonly GoalPlan[], rollout: Rollout | undefined): number {
  if (rollout === undefined) return 100;
  const isPromoted =
    spec.mode === 'stable' && wanted !== undefined && (rollout.bake !== undefined || fullyReady(wanted));
  return isPromoted ? 100 : rollout.weight;
}

function failureStep({ target, container, failure: found }: FailedRollout, { rollout }: ServiceMemory): Step {
  const isInBake = rollout?.bake !== undefined && rollout.specHash === found.specHash;
  const failure = isInBake ? ({ ...found, inBake: true } as const) : found;
  const log = container === undefined ? {} : { id: container.id };
  return { kind: 'recordFailure', target, cause: failure.message, ...log, failure };
}

/** The wanted version answers everybody, or needs nobody's traffic. */
function isServed(
  input: PlanInput,
  spec: ServiceSpec,
  goals: readonly GoalPlan[],
  route: RouteDecision | undefined,
): boolean {
  const [wanted] = goals;
  if (wanted === undefined || !fullyReady(wanted)) return false;
  if (route === undefined) return true;
  return (
    route.serving === wanted &&
    input.world.proxy.confirmed &&
    sameRoute(route.final, servedRoute(input, spec.name))
  );
}

function buildFindings(goals: readonly GoalPlan[]): Finding[] {
  return goals.flatMap(({ goal, build, slots }) => {
    const standing = slots.flatMap(({ container }) => container ?? []);
    return (build && buildFinding(goal, build, standing)) ?? [];
  });
}
