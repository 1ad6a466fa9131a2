/**
 * The phases of one tick: observe → judge → plan → gate and apply. The controller runs them on the world; `swiftdeploy plan` runs the
 * same ones on what the world would be after each step. They report nothing and remember nothing.
 */
import type { Applier, StepResult } from './apply/apply.js';
import type { StepEffects } from './apply/effects.js';
import type { RetryBook } from './apply/retry-book.js';
import type { StackSpec } from './desired/stack-spec.js';
import { EngineUnreachable } from './docker/engine-errors.js';
import { verdictsOf } from './judge/judgement.js';
import type { Judge } from './judge/judge.js';
import type { ManifestLook } from './manifest-keeper.js';
import type { Observer } from './observed/observer.js';
import type { TickResult } from './report/tick-result.js';
import { LABEL } from './plan/container-template.js';
import { chainsToApply, planSuspended } from './plan/suspended.js';
import type { Suspend } from './plan/suspension.js';
import { withRemembered } from './plan/leavers.js';
import type { StackMemory } from './plan/memory.js';
import { outdatedNotes } from './plan/outdated-notes.js';
import { lastDecider, policyDecider } from './plan/policy-decider.js';
import type { ManifestNow } from './policy/override.js';
import type { OverrideGate } from './policy/override-gate.js';
import type { PolicyKeeper, PolicyState } from './policy/policy-keeper.js';
import type { StackGate } from './policy/stack-gate.js';
import type { StackParts } from './stack-parts.js';
import { forgotten, type StackState } from './stack-state.js';

/** What a tick has gathered so far; each phase adds its part or ends the tick. */
export interface Tick extends Learned {
  readonly signal: AbortSignal;
  readonly look: ManifestLook;
  /** In force; absent: nothing is suspended. */
  readonly suspends?: readonly Suspend[];
  /** Nothing of the stack is wished for any more. */
  readonly isRemoved?: boolean;
  /** The state was read from the disk: somebody may have put older notes there. */
  readonly isFirst?: boolean;
}

/** What its report is of, too. */
type Learned = Pick<
  TickResult,
  | 'now'
  | 'policy'
  | 'world'
  | 'outdated'
  | 'decides'
  | 'judgements'
  | 'busy'
  | 'plan'
  | 'retried'
  | 'results'
  | 'failure'
>;

/** What the phases work with. */
export interface TickParts {
  readonly observer: Pick<Observer, 'observe'>;
  /** The policies that go with the manifest of this tick. */
  readonly keeper: Pick<PolicyKeeper, 'passed'> & { look(stack: StackSpec): Promise<PolicyState> };
  readonly gate: Pick<StackGate, 'measureHost' | 'prepare' | 'ask'>;
  readonly overrides: Pick<OverrideGate, 'reconsider'>;
  readonly judge: Pick<Judge, 'look'>;
  readonly serve: StackParts['serve'];
  readonly retries: Pick<RetryBook, 'notBefore' | 'restarts'>;
  readonly applier: Pick<Applier, 'apply' | 'busy' | 'failing'>;
  readonly effects: StepEffects;
  /** Told of each result as it happens. */
  readonly onResult: (result: StepResult) => void;
}

type Phase = (parts: TickParts, tick: Tick, state: StackState) => Promise<Tick>;

const PHASES: readonly Phase[] = [observe, findDecider, judge, plan, gateAndApply];

/** An engine that does not answer ends the tick early, with a `failure`. */
export async function runTick(parts: TickParts, start: Tick, state: StackState): Promise<Tick> {
  let tick = start;
  try {
    for (const phase of PHASES) tick = await phase(parts, tick, state);
  } catch (error) {
    if (!(error instanceof EngineUnreachable)) throw error;
    return { ...tick, failure: error.message };
  }
  return tick;
}

async function observe(parts: TickParts, tick: Tick, state: StackState): Promise<Tick> {
  const { stack } = tick.look;
  if (stack === undefined) return tick;
  parts.gate.measureHost();
  const look = ({ memory }: StackState) => parts.observer.observe(withRemembered(stack, memory), memory);
  const [policy, world] = await Promise.all([parts.keeper.look(stack), look(state)]);
  const outdated = tick.isFirst === true ? outdatedNotes(state, world) : [];
  if (outdated.length === 0) return { ...tick, policy, world };
  return { ...tick, policy, world: await look(forgotten(state)), outdated };
}

/** What the notes say, as far as they are believed. */
function memoryOf({ outdated }: Tick, state: StackState): StackMemory {
  return outdated === undefined ? state.memory : forgotten(state).memory;
}

/** While new policies take over, those that they replace are still asked, by their own domains and revision. */
async function findDecider(parts: TickParts, tick: Tick): Promise<Tick> {
  const { look, world, policy } = tick;
  if (look.stack === undefined || world === undefined || policy?.active === undefined) return tick;
  const runtime = parts.serve(policy.active);
  const engines = { stack: look.stack, world, policy: runtime };
  const decider = policyDecider(engines);
  const asked = decider ?? lastDecider(engines);
  const revision = asked?.config.labels[LABEL.revision];
  const set = revision === undefined ? undefined : await parts.keeper.passed(revision);
  if (asked === undefined || set === undefined) parts.gate.prepare(look.stack, policy.active);
  else parts.gate.prepare(look.stack, set, asked);
  return decider === undefined || revision === undefined ? tick : { ...tick, decides: revision };
}

/** Whoever decides is asked before anything is planned: a verdict moves a canary in the same tick. */
async function judge(parts: TickParts, tick: Tick, state: StackState): Promise<Tick> {
  const { look, world, policy, now, signal } = tick;
  if (look.stack === undefined || world === undefined || policy?.active === undefined) return tick;
  if (tick.isRemoved === true) return tick;
  const sight = { stack: look.stack, memory: memoryOf(tick, state), world, policies: policy.active, now };
  const judgements = await parts.judge.look(sight, signal);
  return { ...tick, judgements };
}

async function plan(parts: TickParts, tick: Tick, state: StackState): Promise<Tick> {
  const { world, policy, now, look } = tick;
  if (look.stack === undefined || world === undefined || policy?.active === undefined) return tick;
  const runtime = parts.serve(policy.active);
  const notBefore = parts.retries.notBefore(world.containers, now);
  const busy = parts.applier.busy();
  const input = {
    busy,
    failing: parts.applier.failing(),
    now,
    stack: look.stack,
    isRemoved: tick.isRemoved === true,
    memory: memoryOf(tick, state),
    policy: runtime,
    policiesOnTrial: policy.onTrial !== undefined,
    world,
    notBefore,
    verdicts: verdictsOf(tick.judgements ?? []),
  };
  const retried = parts.retries.restarts();
  return { ...tick, busy, retried, plan: planSuspended(input, tick.suspends ?? []) };
}

async function gateAndApply(parts: TickParts, tick: Tick): Promise<Tick> {
  const { stack } = tick.look;
  if (stack === undefined || tick.plan === undefined || tick.policy?.active === undefined) return tick;
  const results = await parts.applier.apply(chainsToApply(tick.plan), {
    effects: parts.effects,
    ask: async (step, signal) => {
      const decision = await parts.gate.ask(stack, step, signal);
      return parts.overrides.reconsider(decision, { stack, step, manifest: manifestNow(tick.look), signal });
    },
    onResult: parts.onResult,
    signal: tick.signal,
  });
  return { ...tick, results };
}

/** A manifest that is not valid is not the one that is reconciled. */
export function manifestNow({ state, stackGeneration }: ManifestLook): ManifestNow {
  const { valid, sha256 } = state;
  return { generation: stackGeneration, ...(valid && sha256 !== undefined ? { sha256 } : {}) };
}
