/**
 * Continues the plan beyond its first tick: the controller's own phases, tick by tick, on what the world is expected to be after
 * each step. Steps are asked for and never taken. What only trying can tell (a version that fails) is assumed to go well.
 */
import { Applier, doneSteps, type StepResult } from './apply/apply.js';
import type { StepEffects } from './apply/effects.js';
import { ForeignClaim } from './docker/engine-errors.js';
import type { ManifestLook } from './manifest-keeper.js';
import { isAnybodySilent } from './observed/silence.js';
import type { World } from './observed/world.js';
import { withDone, type StackMemory } from './plan/memory.js';
import { awaited } from './plan/predict/awaited.js';
import { afterStep, STEP_KINDS } from './plan/predict/after-step.js';
import { afterWait } from './plan/predict/after-wait.js';
import type { Plan } from './plan/plan.js';
import { same } from './plan/same.js';
import type { Step } from './plan/steps.js';
import type { Suspend } from './plan/suspension.js';
import type { Decision } from './policy/gate.js';
import { nobodysAnswer } from './policy/nobody.js';
import type { PolicyState } from './policy/policy-keeper.js';
import type { StackState } from './stack-state.js';
import { runTick, type Tick, type TickParts } from './tick.js';

/** What the world is imagined from. */
export interface Present {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly look: ManifestLook;
  /** In force, and until the end of what is imagined; absent: nothing is suspended. */
  readonly suspends?: readonly Suspend[];
  /** Nothing of the stack is wished for any more. */
  readonly isRemoved?: boolean;
  readonly state: StackState;
  readonly world: World;
  readonly policy: PolicyState;
  readonly signal: AbortSignal;
}

export interface ForeseeParts extends Pick<TickParts, 'gate' | 'serve'> {
  /** Throws what the world would refuse, as far as looking can tell. */
  readonly refuse: (step: Step, world: World) => Promise<void>;
}

/** A tick that planned something. */
export interface ForeseenTick {
  readonly plan: Plan;
  readonly results: readonly StepResult[];
  /** What has to come by itself first; each completes "when …". */
  readonly awaited: readonly string[];
}

export interface Foresight {
  readonly ticks: readonly ForeseenTick[];
  /** Of the first look. */
  readonly first: Plan;
  /** What would be remembered at its end. */
  readonly memory: StackMemory;
  /** Where it ends: as the manifest says; at what is denied or refused; or nobody can say. */
  readonly end: 'converged' | 'denied' | 'blocked' | 'open';
}

/** A tick that changed something is followed at once. */
const TICK_MS = 20;
const WAIT_MS = 1000;
/** Longer than any deadline, drain or silence takes in steps of its own waking, or in steps that grow by a tick each. */
const MOST_IDLE = 30;
const MOST_TICKS = 1000;

/** What is only imagined is waited for: a late result would be nobody's. */
const NOTHING_SLOW: ReadonlySet<Step['kind']> = new Set();

/** What of the imagined world changes from tick to tick. */
interface Course {
  world: World;
  state: StackState;
  now: number;
  awaited: readonly string[];
}

/** The policy set of `present` is active. Rejects when looking fails for another reason than a claim of somebody else's. */
export async function foresee(parts: ForeseeParts, present: Present): Promise<Foresight> {
  const course: Course = { ...present, awaited: [] };
  const imagined = imagine(parts, present, course);
  const ticks: ForeseenTick[] = [];
  const tried = new Set<string>();
  let first: Plan | undefined;
  let last: readonly StepResult[] = [];
  for (let tick = 0, idle = 0; tick < MOST_TICKS && idle < MOST_IDLE; tick += 1) {
    const { plan, results: taken } = await runTick(imagined, start(present, course), course.state);
    if (plan === undefined) throw new Error('nothing can be planned without a manifest and policies');
    throwUnforeseen(taken);
    const results = news(plan, taken, tried);
    first ??= plan;
    const done = doneSteps(results);
    if (results.length > 0) ticks.push({ plan, results, awaited: course.awaited });
    const isAtRest = plan.converged && !isAnybodySilent(course.world);
    if (done.length === 0 && isAtRest) return { ticks, first, memory: plan.memory, end: 'converged' };
    idle = done.length > 0 ? 0 : idle + 1;
    last = taken;
    goOn(course, { plan, done, idle });
  }
  if (first === undefined) throw new Error('a plan has one tick at least');
  return { ticks, first, memory: course.state.memory, end: endOf(last) };
}

interface TickEnd {
  readonly plan: Plan;
  readonly done: readonly Step[];
  /** Ticks in a row that did nothing. */
  readonly idle: number;
}

/** After a step, or something learned, comes the next tick; after neither, what was waited for: what does not come is asked for ever more rarely. */
function goOn(course: Course, { plan, done, idle }: TickEnd): void {
  const { now, world, state } = course;
  const memory = withDone(plan.memory, done, now);
  course.state = { ...state, memory };
  course.now = now + TICK_MS;
  if (done.length > 0) course.awaited = [];
  if (done.length > 0 || !same(memory, state.memory)) return;
  course.awaited = [...new Set([...course.awaited, ...awaited(plan, world)])];
  course.now = Math.max(plan.wakeAt ?? now + WAIT_MS, now + idle * TICK_MS);
  course.world = afterWait(world, course.now);
}

function throwUnforeseen(results: readonly StepResult[]): void {
  for (const result of results)
    if (result.kind === 'failed' && !(result.error instanceof ForeignClaim)) throw result.error;
}

/** In the order of the plan; a chain that is stuck where it was stuck before is tried again in silence. */
function news({ chains }: Plan, taken: readonly StepResult[], tried: Set<string>): readonly StepResult[] {
  const byStep = new Map(taken.map((result) => [result.step, result]));
  return chains.flatMap((chain) => {
    const results = chain.flatMap((step) => byStep.get(step) ?? []);
    if (results.every(({ kind }) => kind === 'done')) return results;
    const key = JSON.stringify(chain.map(({ kind, target, cause }) => [kind, target, cause]));
    if (tried.has(key)) return [];
    tried.add(key);
    return results;
  });
}

function start({ look, suspends = [], isRemoved = false, signal }: Present, { now }: Course): Tick {
  return { now, look, suspends, isRemoved, signal, results: [] };
}

function endOf(last: readonly StepResult[]): Foresight['end'] {
  if (last.some(({ kind }) => kind === 'failed')) return 'blocked';
  return last.some(({ kind }) => kind === 'denied') ? 'denied' : 'open';
}

/** The controller's parts, but for those that would look again or change something. */
function imagine(parts: ForeseeParts, { policy }: Present, course: Course): TickParts {
  const take = async (step: Step) => {
    await parts.refuse(step, course.world);
    course.world = afterStep(course.world, step, course.now);
  };
  const { gate } = parts;
  const ask: typeof gate.ask = (stack, step, signal) =>
    isAnybodyAsked(course.world) ? gate.ask(stack, step, signal) : Promise.resolve(silence(step));
  return {
    ...parts,
    gate: { ...gate, ask },
    judge: { look: () => Promise.resolve([]) },
    overrides: { reconsider: (decision) => Promise.resolve(decision) },
    observer: { observe: () => Promise.resolve(course.world) },
    keeper: { look: () => Promise.resolve(policy), passed: () => Promise.resolve(undefined) },
    retries: { notBefore: () => new Map(), restarts: () => new Map() },
    applier: new Applier(NOTHING_SLOW),
    effects: Object.fromEntries(STEP_KINDS.map((kind) => [kind, take])) as unknown as StepEffects,
    onResult: () => undefined,
  };
}

function isAnybodyAsked({ policyEngines }: World): boolean {
  return [...policyEngines.values()].some(({ ready }) => ready);
}

function silence({ gate }: Step): Decision {
  const answer = nobodysAnswer({ domain: '', question: gate?.question ?? '' });
  return { allow: false, answers: [answer], silent: true };
}
