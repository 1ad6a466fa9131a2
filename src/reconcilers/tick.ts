/**
 * The phases of one tick: observe → plan → gate and apply. The controller runs them on the world; `swiftdeploy plan` runs the
 * same ones on what the world would be after each step. They report nothing and remember nothing.
 */
import type { Applier, StepResult } from './apply/apply.js';
import type { StepEffects } from './apply/effects.js';
import type { RetryBook } from './apply/retry-book.js';
import { EngineUnreachable } from './docker/engine-errors.js';
import type { ManifestLook } from './manifest-keeper.js';
import type { Observer } from './observed/observer.js';
import type { World } from './observed/world.js';
import { planStack, type Plan } from './plan/plan-stack.js';
import type { PolicyKeeper, PolicyState } from './policy/policy-keeper.js';
import type { StackGate } from './policy/stack-gate.js';
import type { StackParts } from './stack-parts.js';
import type { StackState } from './stack-state.js';

/** What a tick has gathered so far; each phase adds its part or ends the tick. */
export interface Tick {
  readonly now: number;
  readonly signal: AbortSignal;
  readonly look: ManifestLook;
  readonly policy?: PolicyState;
  readonly world?: World;
  readonly plan?: Plan;
  readonly results: readonly StepResult[];
  readonly failure?: string;
}

/** What the phases work with. */
export interface TickParts {
  readonly observer: Pick<Observer, 'observe'>;
  readonly keeper: Pick<PolicyKeeper, 'look'>;
  readonly gate: Pick<StackGate, 'measureHost' | 'prepare' | 'ask'>;
  readonly serve: StackParts['serve'];
  readonly retries: Pick<RetryBook, 'notBefore'>;
  readonly applier: Pick<Applier, 'apply' | 'failing'>;
  readonly effects: StepEffects;
  /** Told of each result as it happens. */
  readonly onResult: (result: StepResult) => void;
}

type Phase = (parts: TickParts, tick: Tick, state: StackState) => Promise<Tick>;

const PHASES: readonly Phase[] = [observe, plan, gateAndApply];

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
  const [policy, world] = await Promise.all([
    parts.keeper.look(),
    parts.observer.observe(stack, state.memory),
  ]);
  return { ...tick, policy, world };
}

async function plan(parts: TickParts, tick: Tick, state: StackState): Promise<Tick> {
  const { world, policy, now, look } = tick;
  if (look.stack === undefined || world === undefined || policy?.active === undefined) return tick;
  const { runtime } = parts.serve(policy.active);
  const notBefore = parts.retries.notBefore(world.containers, now);
  return {
    ...tick,
    plan: planStack({
      failing: parts.applier.failing(),
      now,
      stack: look.stack,
      memory: state.memory,
      policy: runtime,
      world,
      notBefore,
    }),
  };
}

async function gateAndApply(parts: TickParts, tick: Tick): Promise<Tick> {
  const { stack } = tick.look;
  if (stack === undefined || tick.plan === undefined || tick.policy?.active === undefined) return tick;
  parts.gate.prepare(stack, tick.policy.active);
  const results = await parts.applier.apply(tick.plan.chains, {
    effects: parts.effects,
    ask: (step, signal) => parts.gate.ask(stack, step, signal),
    onResult: parts.onResult,
    signal: tick.signal,
  });
  return { ...tick, results };
}
