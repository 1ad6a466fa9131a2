/**
 * Carries a plan out: chains side by side, the steps of one in order, each only after the gate has let it pass.
 * A step that is denied or fails ends its chain and no other; nothing is hidden, every step has a result.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import PQueue from 'p-queue';
import { mayProceed, type Decision } from '../policy/gate.js';
import { CreationRefused } from '../docker/engine-errors.js';
import type { RefusedCreation } from '../plan/refused-creation.js';
import type { Chain, Step } from '../plan/steps.js';
import type { StepEffects } from './effects.js';

export type StepResult =
  | {
      readonly kind: 'done';
      readonly step: Step;
      readonly decision?: Decision;
      readonly durationMs: number;
    }
  | { readonly kind: 'denied'; readonly step: Step; readonly decision: Decision }
  | FailedStep;

export interface FailedStep {
  readonly kind: 'failed';
  readonly step: Step;
  readonly decision?: Decision;
  readonly error: unknown;
}

export interface ApplyOptions {
  readonly effects: StepEffects;
  readonly ask: (step: Step, signal: AbortSignal) => Promise<Decision>;
  /** Told of each result as it happens. */
  readonly onResult: (result: StepResult) => void;
  readonly signal: AbortSignal;
}

/** Chains at once: more do not make the Engine faster. */
const AT_THE_ENGINE = 16;
/** Those that only ask and then wait for the proxy, which takes all that wait for it in one reload. */
const AT_THE_PROXY = 100;

/** These may take as long as a program or a registry likes; the tick must not. */
const SLOW: ReadonlySet<Step['kind']> = new Set(['pullImage', 'stopContainer', 'restartContainer']);
/** How long a tick waits for a slow chain before it leaves it to go on by itself. */
const PATIENCE_MS = 400;

/**
 * Applies plans; remembers which slow chains are still on their way, so that no later tick starts them again. Nor does the tick that
 * hears of their end: it had looked at the world before that.
 */
export class Applier {
  private readonly underWay = new Set<string>();
  private late: StepResult[] = [];
  private failed: ReadonlySet<string> = new Set();

  /** `slow`: kinds of steps that a tick does not wait for to the end. */
  constructor(private readonly slow: ReadonlySet<Step['kind']> = SLOW) {}

  /**
   * The results of these chains, and of slow ones of earlier ticks that came in since.
   * Never rejects for a step's sake; stops between two steps when the signal fires.
   */
  async apply(chains: readonly Chain[], options: ApplyOptions): Promise<readonly StepResult[]> {
    const busy = this.busy();
    const idle = chains.filter((chain) => !chain.some(({ target }) => busy.has(target)));
    const slow = idle.filter((chain) => chain.some(({ kind }) => this.slow.has(kind)));
    const quick = idle.filter((chain) => !slow.includes(chain));
    const shifts = quick.filter(([first]) => first?.kind === 'shiftTraffic');
    const others = quick.filter((chain) => !shifts.includes(chain));
    const results = await Promise.all([
      ...slow.map((chain) => this.applySlow(chain, options)),
      applySome(others, AT_THE_ENGINE, options),
      applySome(shifts, AT_THE_PROXY, options),
    ]);
    const all = [...this.late, ...results.flat(2)];
    this.late = [];
    this.failed = new Set(all.filter(({ kind }) => kind === 'failed').map(({ step }) => step.target));
    return all;
  }

  /** Targets of slow chains that are on their way, or ended since the last tick. */
  busy(): ReadonlySet<string> {
    return new Set([...this.underWay, ...this.late.map(({ step }) => step.target)]);
  }

  /** Targets of steps that failed in the last tick. */
  failing(): ReadonlySet<string> {
    return this.failed;
  }

  /** What it has achieved within the tick's patience; the rest is a later tick's result. */
  private async applySlow(chain: Chain, options: ApplyOptions): Promise<readonly StepResult[]> {
    const target = chain[0]?.target ?? '';
    const inTime: StepResult[] = [];
    let isLate = false;
    const onResult = (result: StepResult) => {
      (isLate ? this.late : inTime).push(result);
      options.onResult(result);
    };
    this.underWay.add(target);
    const work = applyChain(chain, { ...options, onResult }).finally(() => this.underWay.delete(target));
    const patience = new AbortController();
    await Promise.race([
      work,
      sleep(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
    isLate = true;
    return inTime;
  }
}

/** What went well. */
export function doneSteps(results: readonly StepResult[]): readonly Step[] {
  return results.filter(({ kind }) => kind === 'done').map(({ step }) => step);
}

/** Replicas of services that the engine will not make. */
export function refusedCreations(results: readonly StepResult[]): readonly RefusedCreation[] {
  return results.flatMap((result) => {
    if (result.kind !== 'failed' || !(result.error instanceof CreationRefused)) return [];
    const { step, error } = result;
    const isReplica = step.kind === 'createContainer' && step.gate?.service !== undefined;
    return isReplica ? [{ step, why: error.message }] : [];
  });
}

function applySome(
  chains: readonly Chain[],
  concurrency: number,
  options: ApplyOptions,
): Promise<readonly (readonly StepResult[])[]> {
  const queue = new PQueue({ concurrency });
  return queue.addAll(chains.map((chain) => () => applyChain(chain, options)));
}

async function applyChain(chain: Chain, options: ApplyOptions): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for (const step of chain) {
    if (options.signal.aborted) break;
    const result = await applyStep(step, options);
    results.push(result);
    options.onResult(result);
    if (result.kind !== 'done') break;
  }
  return results;
}

async function applyStep(step: Step, { effects, ask, signal }: ApplyOptions): Promise<StepResult> {
  const decision = step.gate === undefined ? undefined : await ask(step, signal);
  if (decision !== undefined && step.gate !== undefined && !mayProceed(decision, step.gate.direction)) {
    return { kind: 'denied', step, decision };
  }
  const asked = decision === undefined ? {} : { decision };
  const startedAt = performance.now();
  try {
    await run(effects, step, signal);
    return { kind: 'done', step, ...asked, durationMs: performance.now() - startedAt };
  } catch (error) {
    return { kind: 'failed', step, ...asked, error };
  }
}

/** The record's type ties each kind to its own step; TypeScript cannot follow that through an index. */
function run(effects: StepEffects, step: Step, signal: AbortSignal): Promise<unknown> {
  const effect = effects[step.kind] as (step: Step, signal: AbortSignal) => Promise<unknown>;
  return effect(step, signal);
}
