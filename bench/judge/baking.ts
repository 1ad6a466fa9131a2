/**
 * A promotion that bakes, as the controller tells it: the figures and the evidence are those of its own sums, which have seen the rollout
 * before, with both versions at the usual weights.
 */
import type { CanaryFacts } from '../../src/reconcilers/judge/canary-facts.js';
import { PhaseSum } from '../../src/reconcilers/judge/phase-sum.js';
import { trackFacts } from '../../src/reconcilers/judge/track-facts.js';
import type { Judged } from './judged.js';
import { News } from './news.js';
import type { Opa, Question, Verdict } from './opa.js';
import { Progress } from './outcome.js';
import { HOLD_SECONDS, WEIGHTS, type Scenario } from './scenario.js';
import { Recent, secondOf, UNTROUBLED } from './told.js';
import { Traffic, type SecondOfTraffic } from './traffic.js';

const BEFORE_SECONDS = WEIGHTS.length * HOLD_SECONDS;
/** The controller's default. */
const DEADLINE_SECONDS = 3600;

export class Baking implements Judged {
  readonly progress: Progress;
  private readonly bakeSeconds: number;
  private readonly traffic: Traffic;
  private readonly news: News;
  private readonly recent = new Recent();
  /** Its clock starts with the rollout, a log's has no negative seconds. */
  private readonly sum: PhaseSum;
  private lastRequestAt = 0;

  constructor(scenario: Scenario, seed: number, opa: Opa) {
    this.bakeSeconds = scenario.bakeSeconds ?? 0;
    this.progress = new Progress(scenario);
    this.traffic = new Traffic(scenario, seed);
    this.news = new News(opa);
    this.sum = new PhaseSum(opa.limits, BEFORE_SECONDS * 1000);
    for (let second = -BEFORE_SECONDS; second < 0; second += 1) this.add(second, weightBefore(second));
  }

  live(now: number): void {
    const { canary } = this.add(now - 1, this.progress.weight);
    if (canary.requests > 0) this.lastRequestAt = now;
    this.recent.add(canary);
    this.progress.count(now, canary.requests, canary.errors + canary.slow);
  }

  hasNews(now: number): boolean {
    return this.news.isNew(this.sum.sums().evidence, this.recent.facts(), [now >= this.bakeSeconds]);
  }

  question(now: number): Question {
    return { canary: this.facts(now), ...this.recent.facts() };
  }

  /** Time ends no bake alone. */
  obey(now: number, verdict: Verdict | undefined): void {
    if (verdict === 'rollback') this.progress.take(now, 'rollback');
    else if (verdict === 'advance' && now >= this.bakeSeconds) this.progress.take(now, 'advance');
  }

  private facts(now: number): CanaryFacts {
    const { totals, evidence, windows } = this.sum.sums();
    return {
      weight: this.progress.weight,
      step: {
        index: WEIGHTS.length,
        count: WEIGHTS.length,
        weight: this.progress.weight,
        hold_seconds: this.bakeSeconds,
        elapsed_seconds: now,
        paused: false,
      },
      bake: { seconds: this.bakeSeconds, elapsed_seconds: now },
      elapsed_seconds: BEFORE_SECONDS + now,
      silent_seconds: now - this.lastRequestAt,
      deadline_seconds: DEADLINE_SECONDS,
      same_spec: false,
      canary: trackFacts(totals.canary, UNTROUBLED),
      stable: trackFacts(totals.stable, UNTROUBLED),
      evidence,
      windows,
    };
  }

  private add(second: number, weight: number): SecondOfTraffic {
    const answers = this.traffic.at(second, weight);
    this.sum.add(secondOf(BEFORE_SECONDS + second, answers));
    return answers;
  }
}

/** Percent, in a second before the bake, which are negative. */
function weightBefore(second: number): number {
  return WEIGHTS[Math.floor((BEFORE_SECONDS + second) / HOLD_SECONDS)] ?? 0;
}
