/** One service: what its replicas need, where its requests go, what leaves, and what is remembered of it. */
import type { ServiceSpec } from '../desired/stack-spec.js';
import { buildFinding } from './build.js';
import { withBuilds } from './served-builds.js';
import { hasFailed, hashOf } from './goals.js';
import { failedLeftovers, removeLeftover } from './leftovers.js';
import { judgedOf, withLives } from './lives.js';
import type { ServiceMemory, Rollout } from './memory.js';
import type { Finding, PlanInput } from './plan-input.js';
import { baked, bakes } from './bake.js';
import {
  deadlineOf,
  rolloutFailure,
  triedSince,
  verdictFailure,
  type FailedRollout,
} from './rollout-failure.js';
import { withLiveRefusals } from './refused-creation.js';
import { planShift } from './plan-shift.js';
import { leavesFirst } from './leaves-first.js';
import { advance, notAhead, rolloutOf, servedAt, withShare } from './rollout.js';
import { decideRoute, servedRoute, WARM_UP_MS, type RouteDecision } from './route.js';
import { canaryShare, type Place } from './proxy-model.js';
import { same, sameRoute } from './same.js';
import { fullyReady, planGoals, settlesAt, type GoalPlan } from './service-slots.js';
import type { Chain, Step } from './steps.js';
import { planSurplus } from './surplus.js';

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

/** How often a draining replica's workers are looked at. */
const DRAIN_POLL_MS = 250;

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
      ...wakeTimes(input, goals, route, surplus.draining || leaving.length > 0),
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

/** A failure is forgotten when the manifest says something else. */
function currentMemory(input: PlanInput, spec: ServiceSpec): ServiceMemory {
  const known = withLiveRefusals(input.memory.services[spec.name] ?? {}, spec);
  const { rollout } = known;
  const memory = rollout === undefined ? known : { ...known, rollout: noted(input, spec, rollout) };
  const { failed, ...rest } = memory;
  return failed === undefined || hasFailed(spec, memory) ? memory : rest;
}

/** As this look at the world finds it. */
function noted(input: PlanInput, { name }: ServiceSpec, rollout: Rollout): Rollout {
  const { now, world, memory } = input;
  const replicas = world.containers.filter((one) => one.role === 'service' && one.service === name);
  const route = servedRoute(input, name);
  const judged = judgedOf(replicas, rollout, memory.services[name]?.stable);
  const lived = withLives(notAhead(rollout, now), judged);
  return route === undefined ? lived : withShare(lived, canaryShare(route), now);
}

function failureOf(
  input: PlanInput,
  goals: readonly GoalPlan[],
  memory: ServiceMemory,
): FailedRollout | undefined {
  const [wanted] = goals;
  return (wanted && rolloutFailure(input, wanted)) ?? verdictFailure(input, goals, memory);
}

/** Absent where the manifest wants no canary, or one that failed. */
function currentRollout(
  spec: ServiceSpec,
  [wanted]: readonly GoalPlan[],
  memory: ServiceMemory,
): Rollout | undefined {
  if (wanted?.goal.track !== 'canary' || wanted.goal.spec !== spec) return undefined;
  return bakes(spec, memory) ? memory.rollout : rolloutOf(spec, wanted.goal.specHash, memory);
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

interface Served {
  readonly spec: ServiceSpec;
  readonly goals: readonly GoalPlan[];
  readonly memory: ServiceMemory;
  readonly rollout: Rollout | undefined;
}

function remembered(input: PlanInput, { spec, goals, memory, rollout }: Served): ServiceMemory {
  const [wanted] = goals;
  const stories = storiesOf(memory);
  if (wanted === undefined || wanted.goal.spec !== spec) return memory;
  if (rollout === undefined) return withBuilds({ stable: spec, ...stories }, memory, goals);
  // What is judged is the canary that is remembered.
  const isJudged = hashOf(memory.canary) === wanted.goal.specHash;
  const verdict = isJudged ? input.verdicts.get(spec.name) : undefined;
  const served = noted(input, spec, servedAt(rollout, input.now));
  const look = { now: input.now, verdict };
  const progress = bakes(spec, memory) ? baked(served, spec, look) : advance(served, spec, look);
  const stable = memory.stable === undefined ? {} : { stable: memory.stable };
  return withBuilds({ ...stable, canary: spec, rollout: progress, ...stories }, memory, goals);
}

function storiesOf({ failed, refused }: ServiceMemory): Pick<ServiceMemory, 'failed' | 'refused'> {
  return { ...(failed === undefined ? {} : { failed }), ...(refused === undefined ? {} : { refused }) };
}

function buildFindings(goals: readonly GoalPlan[]): Finding[] {
  return goals.flatMap(({ goal, build, slots }) => {
    const standing = slots.flatMap(({ container }) => container ?? []);
    return (build && buildFinding(goal, build, standing)) ?? [];
  });
}

function wakeTimes(
  input: PlanInput,
  goals: readonly GoalPlan[],
  route: RouteDecision | undefined,
  draining: boolean,
): number[] {
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
