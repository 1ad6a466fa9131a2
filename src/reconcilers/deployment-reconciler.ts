/**
 * One tick: read → observe → plan → gate and apply → report. Every tick starts from a fresh observation and owes nothing to the
 * one before; what depends on a result waits for the next.
 */
import type { Condition } from '../controller/conditions.js';
import type { Outcome } from '../controller/outcome.js';
import { BlockerBook } from './blocker-book.js';
import type { StepResult } from './apply/apply.js';
import { EngineUnreachable } from './docker/engine-errors.js';
import { lookAtManifest, type ManifestLook } from './manifest-keeper.js';
import type { Finding } from './plan/plan-input.js';
import { EMPTY_MEMORY } from './plan/memory.js';
import { planStack, type Plan } from './plan/plan-stack.js';
import type { PolicyState } from './policy/policy-keeper.js';
import { StackReporter } from './report/stack-reporter.js';
import type { StackParts } from './stack-parts.js';
import type { StackState } from './stack-state.js';
import { outcomeOf } from './tick-outcome.js';
import type { World } from './observed/world.js';

/** What a tick has gathered so far; each phase adds its part or ends the tick. */
interface Tick {
  readonly now: number;
  readonly signal: AbortSignal;
  readonly look: ManifestLook;
  readonly policy?: PolicyState;
  readonly world?: World;
  readonly plan?: Plan;
  readonly results: readonly StepResult[];
  readonly failure?: string;
}

type Phase = (parts: StackParts, tick: Tick, state: StackState) => Promise<Tick>;

const PHASES: readonly Phase[] = [observe, plan, gateAndApply];

export class DeploymentReconciler {
  private readonly reporter: StackReporter;
  private lastResyncAt = 0;
  private streak = 0;
  private readonly blockers = new BlockerBook();

  constructor(
    private readonly parts: StackParts,
    private state: StackState,
    conditions: readonly Condition[],
  ) {
    if (state.stack !== undefined && state.stack.name !== parts.stackName)
      this.state = { ...state, memory: EMPTY_MEMORY, drifts: [], denials: {} };
    this.reporter = new StackReporter(parts, conditions);
  }

  /** What was decided in the last tick, for commands that wait for an end. */
  get lastReport(): StackReporter['last'] {
    return this.reporter.last;
  }

  /** Somebody else has a name or a port that the stack needs. */
  isBlocked(): boolean {
    return this.reporter.last?.facts.findings.some(({ kind }) => kind === 'foreign') ?? false;
  }

  async reconcile(_key: string, signal: AbortSignal): Promise<Outcome> {
    const now = Date.now();
    this.resync(now);
    const look = await lookAtManifest(this.parts.manifestPath, this.state, this.parts.stackName);
    if (look.unsettled) return { kind: 'waiting', afterMs: SETTLE_MS };
    const tick = await this.phases({ now, signal, look, results: [] });
    this.blockers.note(tick.results, tick);
    const { state, written } = this.reporter.report(tickResult(tick, this.blockers.findings()), this.state);
    this.state = state;
    const changed = tick.results.some(({ kind }) => kind === 'done');
    this.streak = changed ? this.streak + 1 : 0;
    if (changed)
      written.catch(() => undefined); // the next tick is due at once; what the disk refused is written with its report
    else await written;
    if (tick.failure !== undefined) throw new EngineUnreachable(tick.failure);
    return outcomeOf({ ...tick, streak: this.streak });
  }

  /** What no event tells (a file edited inside the proxy, an event that got lost) is looked for now and then. */
  private resync(now: number): void {
    if (now - this.lastResyncAt < this.parts.resyncMs) return;
    this.lastResyncAt = now;
    this.parts.proxy.invalidate();
  }

  private async phases(start: Tick): Promise<Tick> {
    let tick = start;
    try {
      for (const phase of PHASES) tick = await phase(this.parts, tick, this.state);
    } catch (error) {
      if (!(error instanceof EngineUnreachable)) throw error;
      return { ...tick, failure: error.message };
    }
    return tick;
  }
}

const SETTLE_MS = 60;

async function observe(parts: StackParts, tick: Tick, state: StackState): Promise<Tick> {
  const { stack } = tick.look;
  if (stack === undefined) return tick;
  parts.gate.measureHost();
  const [policy, world] = await Promise.all([
    parts.keeper.look(),
    parts.observer.observe(stack, state.memory),
  ]);
  return { ...tick, policy, world };
}

async function plan(parts: StackParts, tick: Tick, state: StackState): Promise<Tick> {
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

async function gateAndApply(parts: StackParts, tick: Tick): Promise<Tick> {
  const { stack } = tick.look;
  if (stack === undefined || tick.plan === undefined || tick.policy?.active === undefined) return tick;
  parts.gate.prepare(stack, tick.policy.active);
  const results = await parts.applier.apply(tick.plan.chains, {
    effects: parts.effects,
    ask: (step, signal) => parts.gate.ask(stack, step, signal),
    onResult: (result) => noteResult(parts, result),
    signal: tick.signal,
  });
  return { ...tick, results };
}

function noteResult(parts: StackParts, result: StepResult): void {
  const { step } = result;
  if (growsPause(result)) parts.retries.started(step.target, Date.now());
  if (result.kind !== 'denied') parts.metrics.countStep(step.kind, result.kind);
  parts.listener.onStep(result);
}

/** What ended by itself, hung, or could not be started; not what somebody removed. */
function growsPause({ kind, step }: StepResult): boolean {
  if (kind === 'denied') return false;
  return (
    step.kind === 'restartContainer' || (step.kind === 'startContainer' && (step.again || kind === 'failed'))
  );
}

function tickResult(tick: Tick, blockers: readonly Finding[]) {
  const { look, plan: planned, results, ...rest } = tick;
  return {
    ...rest,
    results,
    ...(planned === undefined ? {} : { plan: planned }),
    ...(look.stack === undefined ? {} : { stack: look.stack }),
    manifest: look.state,
    generation: look.generation,
    stackGeneration: look.stackGeneration,
    ...(look.event === undefined ? {} : { manifestEvent: look.event }),
    findings: [...(planned?.findings ?? []), ...blockers],
  };
}
