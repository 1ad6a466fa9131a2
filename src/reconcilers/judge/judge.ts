/**
 * One look at every live canary: what the proxy saw of it goes to the policies, and what they say comes back. It reads and asks, and
 * moves nothing: the planner does that.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { specHash } from '../desired/spec-hash.js';
import type { ServiceSpec, StackSpec } from '../desired/stack-spec.js';
import type { Track } from '../plan/proxy-model.js';
import type { CanaryLook, LiveCanary as AskedCanary } from '../policy/question-facts.js';
import type { PolicySet } from '../policy/policy-set.js';
import type { StackGate } from '../policy/stack-gate.js';
import type { TrafficMonitor } from '../traffic/traffic-monitor.js';
import { trackKey } from '../traffic/traffic.js';
import type { LogFacts } from './canary-book.js';
import { canaryLimits } from './canary-limits.js';
import type { CanaryMonitor } from './canary-monitor.js';
import { lookAt } from './canary-look.js';
import type { Judgement } from './judgement.js';
import { liveCanaries, type LiveCanary, type Scene } from './live-canary.js';
import { withMetrics } from './metrics-facts.js';
import { verdictWords } from './verdict-words.js';

export interface Sight extends Scene {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Those that decide: evidence is measured against their limits. */
  readonly policies: PolicySet;
}

/** For who only plans: nobody reads any. */
const NO_METRICS = { troubles: () => undefined };
const POLL_MS = 20;
const PATIENCE_MS = 2000;

/** A canary, and what is known of it. */
interface Known {
  readonly canary: LiveCanary;
  readonly look: AskedCanary;
}

export class Judge {
  /** By service: what the last look found. */
  private readonly looks = new Map<string, AskedCanary>();
  /** Since when some canary's log is not read to its end. */
  private partSinceMs: number | undefined;

  constructor(
    private readonly monitor: Pick<CanaryMonitor, 'watch' | 'factsOf'>,
    private readonly gate: Pick<StackGate, 'askAnalysis'>,
    private readonly patienceMs = PATIENCE_MS,
    private readonly metrics: Pick<TrafficMonitor, 'troubles'> = NO_METRICS,
  ) {}

  /** For questions before steps. */
  known(service: string): CanaryLook | undefined {
    const look = this.looks.get(service);
    return look && { canary: look.canary, recent: look.recent };
  }

  /** What a look asks of it. */
  asked(service: string): AskedCanary | undefined {
    return this.looks.get(service);
  }

  /** One judgement for each canary whose log was read; never rejects for what a policy engine does. */
  async look(sight: Sight, signal: AbortSignal): Promise<readonly Judgement[]> {
    const known = await this.gatherAll(sight, signal);
    return Promise.all(known.map((one) => this.judge(one, sight.stack, signal)));
  }

  /** Looks and asks nobody; `isWhole` once the log of every live canary was read. */
  gather(sight: Sight): { readonly known: readonly Known[]; readonly isWhole: boolean } {
    const live = liveCanaries(sight);
    this.monitor.watch(live.map((canary) => watched(canary, sight)));
    this.looks.clear();
    const known = live.flatMap((canary) => this.findOut(canary, sight.now));
    return { known, isWhole: known.length === live.length };
  }

  /** Whoever just began to read has not read the rollout yet; a log that cannot be read is not waited for. */
  private async gatherAll(sight: Sight, signal: AbortSignal): Promise<readonly Known[]> {
    for (;;) {
      const { known, isWhole } = this.gather(sight);
      if (isWhole) this.partSinceMs = undefined;
      else this.partSinceMs ??= performance.now();
      const isEarly = performance.now() - (this.partSinceMs ?? -Infinity) < this.patienceMs;
      if (!isEarly || signal.aborted) return known;
      await sleep(POLL_MS);
    }
  }

  private findOut(canary: LiveCanary, now: number): readonly Known[] {
    const found = this.monitor.factsOf(canary.service, now);
    if (found === undefined) return [];
    const log = this.withMetrics(canary, found);
    const look = { spec: canary.spec, cause: causeOf(canary), ...lookAt(canary, log, now) };
    this.looks.set(canary.service, look);
    return [{ canary, look }];
  }

  private withMetrics({ service, spec, stable }: LiveCanary, found: LogFacts): LogFacts {
    const of = (track: Track, { container }: ServiceSpec) =>
      this.metrics.troubles(service, trackKey({ track, specHash: specHash(container) }));
    const canary = withMetrics(found.canary, of('canary', spec));
    if (stable === undefined || found.stable === undefined) return { ...found, canary };
    return { ...found, canary, stable: withMetrics(found.stable, of('stable', stable)) };
  }

  private async judge({ canary, look }: Known, stack: StackSpec, signal: AbortSignal): Promise<Judgement> {
    const { service } = canary;
    const decision = await this.gate.askAnalysis(stack, look, signal);
    const verdict = decision.verdict ?? 'hold';
    const words = verdictWords(verdict, decision, look.canary);
    return { service, facts: look.canary, recent: look.recent, decision, verdict: { verdict, words } };
  }
}

function causeOf({ weight, bake }: LiveCanary): string {
  return bake === undefined
    ? `the canary has ${String(weight)} % of the requests`
    : 'it is promoted and bakes';
}

function watched(canary: LiveCanary, { stack, policies, world }: Sight) {
  const { service, rollout, wanted, addresses, lives, stable, bake } = canary;
  const { changes = rollout.since === undefined ? [] : [rollout.since] } = rollout;
  const { containerId } = world.proxy;
  return {
    service,
    sinceMs: rollout.startedAt + (wanted.canary?.warmupMs ?? 0),
    changedAtMs: bake === undefined ? changes : [...changes, bake.since],
    ...(bake === undefined ? {} : { bakeSinceMs: bake.since }),
    limits: canaryLimits(policies, stack.limits.canary),
    addresses,
    hasStable: stable !== undefined,
    troubles: lives,
    ...(containerId === undefined ? {} : { proxyContainerId: containerId }),
  };
}
