/**
 * The loop over the model: plan → gate → apply → remember, a tick at a time, on the model's clock.
 * Chains are applied side by side in an order that the test chooses; a step that is denied or fails ends its chain.
 */
import { RetryBook } from '../../../src/reconcilers/apply/retry-book.js';
import { doneSteps, refusedCreations, type StepResult } from '../../../src/reconcilers/apply/apply.js';
import type { StackSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import type { World } from '../../../src/reconcilers/observed/world.js';
import { EMPTY_MEMORY, withDone, type StackMemory } from '../../../src/reconcilers/plan/memory.js';
import { withRefused } from '../../../src/reconcilers/plan/refused-creation.js';
import type { PlanInput } from '../../../src/reconcilers/plan/plan-input.js';
import { policyDecider } from '../../../src/reconcilers/plan/policy-decider.js';
import type { Plan } from '../../../src/reconcilers/plan/plan.js';
import type { CanaryVerdict } from '../../../src/reconcilers/plan/rollout.js';
import { same } from '../../../src/reconcilers/plan/same.js';
import type { Chain, Step, StepGate } from '../../../src/reconcilers/plan/steps.js';
import { chainsToApply, planSuspended } from '../../../src/reconcilers/plan/suspended.js';
import type { Suspend } from '../../../src/reconcilers/plan/suspension.js';
import type { Reason } from '../../../src/reconcilers/policy/answer.js';
import { mayProceed, type Decision } from '../../../src/reconcilers/policy/gate.js';
import { outcomeOf } from '../../../src/reconcilers/tick-outcome.js';
import { describeLoop } from './describe.js';
import { interpret } from './interpret.js';
import { ModelWorld, type ModelOptions } from './model-world.js';

export const POLICY = { revision: 'f'.repeat(64), digest: 'd'.repeat(64), command: ['run', '--server'] };

/** The policy's word on a question; the loop itself makes it silence while no policy engine decides. */
export type Policy = (gate: StepGate, step: Step) => boolean;

export interface LoopOptions extends ModelOptions {
  readonly policy?: Policy;
  /** Which of so many chains goes on next; the first by default. */
  readonly choose?: (chains: number) => number;
  /** Told before each step that is done. */
  readonly beforeStep?: (step: Step, world: ModelWorld) => void;
  readonly afterStep?: (step: Step, world: ModelWorld) => void;
}

export interface Tick {
  readonly now: number;
  readonly world: World;
  readonly plan: Plan;
  readonly results: readonly StepResult[];
}

/** A failed step is tried again after this. */
const BACKOFF_MS = 300;
/** Longer than a deadline, or than a part may be silent. */
const QUIET_MS = 6000;
/** A tick takes this long at least. */
const TICK_MS = 20;
/** Health and the end of a worker come by trigger. */
const LONGEST_PAUSE_MS = 250;

export class ModelLoop {
  readonly world: ModelWorld;
  memory: StackMemory = EMPTY_MEMORY;
  policy = POLICY;
  policiesOnTrial = false;
  retries = new RetryBook();
  allow: Policy;
  /** Why the policy denies. */
  reasons: readonly Reason[] = [{ code: 'disk_free', message: 'disk free is 3 GB', observed: 3, limit: 10 }];
  /** What the policy warns of, allowed or not. */
  warn: (gate: StepGate, step: Step) => readonly Reason[] = () => [];
  /** The policy engine runs and answers nothing that can be believed. */
  silent = false;
  /** Who is asked in this tick, by container id. */
  decider: string | undefined;
  /** What the policies say of canaries, by service. */
  readonly verdicts = new Map<string, CanaryVerdict>();
  /** The source has no manifest any more, and that removes the stack. */
  isRemoved = false;
  suspends: readonly Suspend[] = [];
  /** Targets of slow steps that are on their way. */
  busy: ReadonlySet<string> = new Set();
  /** Every tick so far. */
  readonly ticks: Tick[] = [];

  constructor(
    public stack: StackSpec,
    private readonly options: LoopOptions = {},
  ) {
    this.world = new ModelWorld(options);
    this.allow = options.policy ?? (() => true);
  }

  input(): PlanInput {
    const { now } = this.world;
    const world = this.world.observe(this.stack);
    const notBefore = this.retries.notBefore(world.containers, now);
    return {
      now,
      stack: this.stack,
      isRemoved: this.isRemoved,
      memory: this.memory,
      policy: this.policy,
      policiesOnTrial: this.policiesOnTrial,
      world,
      notBefore,
      busy: this.busy,
      failing: this.failing(),
      verdicts: this.verdicts,
    };
  }

  /** Targets of steps that failed in the last tick. */
  private failing(): ReadonlySet<string> {
    const results = this.ticks.at(-1)?.results ?? [];
    return new Set(results.flatMap(({ kind, step }) => (kind === 'failed' ? [step.target] : [])));
  }

  plan(): Plan {
    return planSuspended(this.input(), this.suspends);
  }

  /** One tick and the pause after it. `steps`: the controller dies after so many of them, and remembers nothing of this tick. */
  tick(steps = Number.POSITIVE_INFINITY): Tick {
    const input = this.input();
    const plan = planSuspended(input, this.suspends);
    this.decider = policyDecider(input)?.id;
    const results = this.apply(chainsToApply(plan), steps);
    if (results.length >= steps) this.dies();
    else this.remember(plan.memory, results);
    this.world.passes(this.pause(plan, results));
    const tick = { now: input.now, world: input.world, plan, results };
    this.ticks.push(tick);
    return tick;
  }

  private remember(memory: StackMemory, results: readonly StepResult[]): void {
    const { now } = this.world;
    this.memory = withRefused(withDone(memory, doneSteps(results), now), refusedCreations(results), now);
  }

  private dies(): void {
    this.retries = new RetryBook();
    this.world.proxy.forget();
  }

  /** Ticks until nothing is planned and nothing is on its way; throws when that takes too long. */
  settle(withinMs = 60_000): readonly Tick[] {
    const first = this.ticks.length;
    const deadline = this.world.now + withinMs;
    while (this.world.now < deadline) if (this.tick().plan.converged) return this.ticks.slice(first);
    throw new Error(`not settled after ${String(withinMs)} ms; ${describeLoop(this)}`);
  }

  /** Ticks until nothing was done and nothing new was learned for a while, settled or not. */
  rest(withinMs = 120_000): void {
    const deadline = this.world.now + withinMs;
    let since = this.world.now;
    while (this.world.now - since < QUIET_MS) {
      if (this.world.now > deadline) throw new Error(`no rest; ${describeLoop(this)}`);
      const { memory } = this;
      const { results } = this.tick();
      const isQuiet = same(memory, this.memory) && results.every(({ kind }) => kind === 'denied');
      if (!isQuiet) since = this.world.now;
    }
  }

  private apply(chains: readonly Chain[], most: number): readonly StepResult[] {
    const open = chains.map((chain) => [...chain]);
    const results: StepResult[] = [];
    while (open.length > 0 && results.length < most) {
      const index = (this.options.choose?.(open.length) ?? 0) % open.length;
      const chain = open[index] ?? [];
      const step = chain.shift();
      const result = step === undefined ? undefined : this.applyStep(step);
      if (result !== undefined) results.push(result);
      if (chain.length === 0 || result?.kind !== 'done') open.splice(index, 1);
    }
    return results;
  }

  private applyStep(step: Step): StepResult {
    const decision = step.gate === undefined ? undefined : this.ask(step.gate, step);
    if (decision !== undefined && step.gate !== undefined && !mayProceed(decision, step.gate.direction))
      return { kind: 'denied', step, decision };
    const asked = decision === undefined ? {} : { decision };
    try {
      this.options.beforeStep?.(step, this.world);
      interpret(this.world, step);
      this.options.afterStep?.(step, this.world);
      if (growsPause(step)) this.retries.started(step.target, this.world.now);
      return { kind: 'done', step, ...asked, durationMs: 1 };
    } catch (error) {
      if (error instanceof Broken) throw error;
      const result = { kind: 'failed', step, ...asked, error } as const;
      const isStart = step.kind === 'startContainer' || step.kind === 'restartContainer';
      if (isStart || refusedCreations([result]).length > 0) this.retries.started(step.target, this.world.now);
      return result;
    }
  }

  private ask(gate: StepGate, step: Step): Decision {
    const { question } = gate;
    if ((gate.service === undefined) === (gate.part === undefined))
      throw new Broken(`${step.kind} ${step.target} is asked about neither a service nor a part, or both`);
    const said = { revision: this.policy.revision, decisionId: '27c0005a', evaluationMs: 0.04 };
    const answer = { domain: 'infrastructure', question, durationMs: 1 };
    const engine = this.world.find(this.decider ?? '');
    if (this.silent || engine === undefined || !this.world.decides(engine)) {
      const reasons = [{ code: 'OPA_UNREACHABLE', message: 'OPA cannot be reached: connection refused' }];
      const silence = { ...answer, allow: false, reasons, code: 'OPA_UNREACHABLE' } as const;
      return { allow: false, answers: [silence], silent: true };
    }
    const allow = this.allow(gate, step);
    const warnings = this.warn(gate, step);
    const warned = warnings.length === 0 ? {} : { warnings };
    const reasons = allow ? [] : this.reasons;
    return { allow, answers: [{ ...answer, ...said, allow, reasons, ...warned }], silent: false };
  }

  private pause(plan: Plan, results: readonly StepResult[]): number {
    try {
      const outcome = outcomeOf({ now: this.world.now, plan, results, findings: plan.findings, streak: 0 });
      if (outcome.kind === 'progress') return TICK_MS;
      const afterMs = outcome.kind === 'waiting' ? outcome.afterMs : LONGEST_PAUSE_MS;
      return Math.max(TICK_MS, Math.min(afterMs, LONGEST_PAUSE_MS));
    } catch {
      return BACKOFF_MS;
    }
  }
}

/** What ended by itself or hung is started with growing pauses. */
function growsPause(step: Step): boolean {
  return step.kind === 'restartContainer' || (step.kind === 'startContainer' && step.again);
}

/** A law was broken; unlike a refusal of the Engine it ends the test. */
export class Broken extends Error {
  override readonly name = 'Broken';
}
