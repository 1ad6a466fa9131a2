/** The replicas of one service: every goal's places, filled or not, and whether each is ready for traffic. */
import type { ObservedContainer, ObservedImage } from '../observed/world.js';
import { buildOf, lostWords, type Build } from './build.js';
import { goalsOf, replicasOf, type Goal } from './goals.js';
import type { ServiceMemory } from './memory.js';
import { networkNow, type PlanInput } from './plan-input.js';
import { refusalOf, type Refusal } from './refused-creation.js';
import { planSlot, type SlotPlan } from './slot.js';
import type { SlotInput } from './slot-steps.js';
import type { Track } from './proxy-model.js';
import type { GateService, StepGate } from './steps.js';
import { replicaName, serviceTemplate } from './templates.js';
import type { ServiceSpec } from '../desired/stack-spec.js';

export interface GoalPlan {
  readonly goal: Goal;
  /** Empty while the image is missing. */
  readonly slots: readonly ReplicaPlan[];
  /** While the image is missing, the names of the containers that cannot be made; else empty. */
  readonly unmade: readonly string[];
  readonly build: Build | undefined;
  /** The build's. */
  readonly image: ObservedImage | undefined;
}

export interface ReplicaPlan extends SlotPlan {
  readonly replica: number;
  readonly ready: boolean;
  /** Why there is no container: the engine refuses to create it. */
  readonly refusal?: Refusal;
}

/** A service without health check is ready when it has run this long without ending. */
const SETTLE_MS = 1000;
/** The same for a version that has not served yet: what replaces a good one shows first that it stays up. */
const FIRST_SETTLE_MS = 5000;

export function planGoals(input: PlanInput, spec: ServiceSpec, memory: ServiceMemory): readonly GoalPlan[] {
  return goalsOf(spec, memory).map((goal) => planGoal(input, goal));
}

function planGoal(input: PlanInput, goal: Goal): GoalPlan {
  const build = buildOf(input, goal);
  const replicas = Array.from({ length: replicasOf(goal) }, (_, index) => index + 1);
  if (build === undefined)
    return {
      goal,
      build,
      image: undefined,
      slots: [],
      unmade: replicas.map((replica) => replicaName(input.stack, goal, replica)),
    };
  const claimants = claimantsOf(input, goal);
  const { image } = build;
  const serving = servingBuilds(build, [...claimants.values()].flat());
  const applied = new Set(input.memory.applied);
  const slots = replicas.map((replica) => {
    const template = {
      ...serviceTemplate(input.stack, goal, replica, image),
      ...(build.name === 'this' ? {} : { build: image.id }),
    };
    const candidates = claimants.get(replica) ?? [];
    const place = { template, image, candidates, applied: applied.has(template.name) };
    const planned = planPlace(input, goal, { ...place, gate: goalGate(goal, place.applied) });
    if (!bringsBuild(planned, { image, serving })) return { replica, ...planned };
    return { replica, ...planPlace(input, goal, { ...place, ...asReplacement(goal, build) }) };
  });
  return { goal, build, image, slots, unmade: [] };
}

/** Containers of this goal by the replica that each claims to be. */
function claimantsOf({ world }: PlanInput, goal: Goal): ReadonlyMap<number, readonly ObservedContainer[]> {
  const claimants = new Map<number, ObservedContainer[]>();
  for (const container of world.containers.filter((one) => isOf(goal, one))) {
    const { replica = 0 } = container;
    claimants.set(replica, [...(claimants.get(replica) ?? []), container]);
  }
  return claimants;
}

/** Image ids: of what runs, and of what the version served with where that is lost. */
function servingBuilds({ lost }: Build, claimants: readonly ObservedContainer[]): readonly string[] {
  const running = claimants.filter(({ state }) => state === 'running').map(({ config }) => config.imageId);
  return lost === undefined ? running : [lost, ...running];
}

/** What the place gets is of another build than one that serves. */
function bringsBuild(
  { chain, container }: SlotPlan,
  { image, serving }: { readonly image: ObservedImage; readonly serving: readonly string[] },
): boolean {
  const isMade = chain.some(({ kind }) => kind === 'createContainer');
  const build = isMade ? image.id : container?.state === 'created' ? container.config.imageId : undefined;
  return build !== undefined && serving.some((id) => id !== build);
}

type Place = Pick<SlotInput, 'template' | 'image' | 'candidates' | 'applied' | 'gate'> &
  Partial<Pick<SlotInput, 'cause'>>;

/** Another build is nothing that heals: it is asked about, and where the one before is lost, told, as what it is. */
function asReplacement(
  goal: Goal,
  build: Build,
): Pick<Place, 'gate'> & Partial<Pick<Place, 'cause' | 'applied'>> {
  const gate = goalGate(goal, false);
  const cause = lostWords(goal, build);
  return cause === undefined ? { gate } : { gate, cause, applied: false };
}

function planPlace(input: PlanInput, goal: Goal, place: Place): Omit<ReplicaPlan, 'replica'> {
  const { template, candidates, applied } = place;
  const { spec } = goal;
  const refusal = refusalOf(input.memory.services[spec.name] ?? {}, spec, template.name);
  const unhealthy = unhealthyWords(input, goal, candidates);
  const plan = planSlot({
    ...place,
    others: input.world.containers,
    network: networkNow(input, template.network),
    cause: place.cause ?? (goal.proven ? keptWords(goal, applied) : goal.cause),
    replace: 'start-first',
    ...(unhealthy === undefined ? {} : { unhealthy }),
    notBefore: input.notBefore.get(template.name) ?? 0,
    isRefused: refusal !== undefined,
    now: input.now,
    beforeStart: [],
  });
  const isRefused = refusal !== undefined && plan.container === undefined;
  return { ...plan, ready: isReady(input, goal, plan), ...(isRefused ? { refusal } : {}) };
}

/** Of a version that serves already: why one of its replicas is started. */
function keptWords(goal: Goal, applied: boolean): string {
  if (applied) return 'it was made again';
  const replicas = replicasOf(goal);
  return `${goal.spec.name} should have ${String(replicas)} ${replicas === 1 ? 'replica' : 'replicas'}`;
}

function isOf({ spec, track, specHash }: Goal, container: ObservedContainer): boolean {
  return (
    container.role === 'service' &&
    container.service === spec.name &&
    container.track === track &&
    container.specHash === specHash
  );
}

/** What is missing of something that was there is healed, what such a goal never had is new in the manifest; everything else is what the goal is about. */
export function goalGate(goal: Goal, applied: boolean): StepGate {
  const { spec, track } = goal;
  const question = applied ? 'heal' : goal.question === 'heal' ? 'replace' : goal.question;
  return {
    question,
    direction: question === 'rollback' ? 'back' : 'forward',
    service: gateService(spec, track),
  };
}

/** A service as the gate knows it. */
export function gateService(spec: ServiceSpec, track: Track): GateService {
  const { version, image } = spec.container;
  return { name: spec.name, track, version, image, spec };
}

/**
 * Only what answered once can be said to answer no more; what never did is a rollout's failure. A controller that just started
 * has not seen it answer: until its deadline is over, a replica that never answered is taken for one that still starts.
 */
function unhealthyWords(
  input: PlanInput,
  goal: Goal,
  candidates: readonly ObservedContainer[],
): string | undefined {
  const { health } = goal.spec;
  if (health === undefined || !goal.proven) return undefined;
  const candidate = candidates.find(({ id }) => input.world.health.has(id));
  const known = candidate === undefined ? undefined : input.world.health.get(candidate.id);
  if (known === undefined || known.healthy || known.failuresInARow < health.retries) return undefined;
  const starts = input.now - (candidate?.startedAt ?? input.now) < health.deadlineMs;
  return starts && !known.wasHealthy ? undefined : (known.lastFailure ?? 'no answer');
}

function isReady(input: PlanInput, goal: Goal, plan: SlotPlan): boolean {
  const { container } = plan;
  if (container === undefined || !plan.running || input.busy.has(container.name)) return false;
  if (goal.spec.health !== undefined) return input.world.health.get(container.id)?.healthy === true;
  return input.now - (container.startedAt ?? input.now) >= settleMs(goal);
}

/** How long a replica without health check has to run until it is ready. */
export function settleMs({ proven }: Pick<Goal, 'proven'>): number {
  return proven ? SETTLE_MS : FIRST_SETTLE_MS;
}

/** When a service without health check will have run long enough, if it is on its way; epoch milliseconds. */
export function settlesAt(goal: Goal, slot: ReplicaPlan): number | undefined {
  if (goal.spec.health !== undefined || slot.ready || !slot.running) return undefined;
  const startedAt = slot.container?.startedAt;
  return startedAt === undefined ? undefined : startedAt + settleMs(goal);
}

export function fullyReady(plan: GoalPlan): boolean {
  return plan.slots.length > 0 && plan.slots.every(({ ready }) => ready);
}

export function readyContainers(plan: GoalPlan): readonly ObservedContainer[] {
  return plan.slots.flatMap(({ ready, container }) => (ready && container !== undefined ? [container] : []));
}
