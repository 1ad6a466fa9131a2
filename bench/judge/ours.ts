/** The rule that ships: our evidence, judged by policies/canary in OPA, with a look every second. */
import type { CanaryFacts } from '../../src/reconcilers/judge/canary-facts.js';
import {
  evidenceFacts,
  noEvidence,
  withBatch,
  type EvidenceState,
} from '../../src/reconcilers/judge/evidence.js';
import type { Opa, Question, Verdict } from './opa.js';
import { Progress, type Outcome, type Step } from './outcome.js';
import { DEADLINE_SECONDS, HOLD_SECONDS, type Scenario } from './scenario.js';
import { NOBODY, Recent, sum, trackFacts } from './told.js';
import { Traffic } from './traffic.js';

/** Without news a rollout is asked about this often. */
const IDLE_LOOK_SECONDS = 30;

/** All of a scenario's rollouts side by side, so that one request to OPA carries the question of each. */
export async function runOurs(scenario: Scenario, seeds: readonly number[], opa: Opa): Promise<Outcome[]> {
  const rollouts = seeds.map((seed) => new Rollout(scenario, seed, opa));
  for (let now = 1; now <= scenario.horizonSeconds; now += 1) {
    const live = rollouts.filter(({ progress }) => !progress.isOver);
    if (live.length === 0) break;
    for (const rollout of live) rollout.live(now);
    const asked = live.filter((rollout) => rollout.hasNews(now) || now % IDLE_LOOK_SECONDS === 0);
    const verdicts = await opa.judge(asked.map((rollout) => rollout.question(now)));
    asked.forEach((rollout, index) => rollout.obey(now, verdicts[index]));
  }
  return rollouts.map(({ progress }) => progress.end());
}

const HALF_DECADES = Array.from({ length: 9 }, (_, index) => 10 ** (index / 2));

class Rollout {
  readonly progress: Progress;
  private readonly traffic: Traffic;
  private evidence: EvidenceState;
  private readonly recent = new Recent();
  private canary = NOBODY;
  private stable = NOBODY;
  private lastRequestAt = 0;
  private news = '';
  private readonly marks: readonly number[];

  constructor(
    private readonly scenario: Scenario,
    seed: number,
    private readonly opa: Opa,
  ) {
    this.progress = new Progress(scenario.weights);
    this.traffic = new Traffic(scenario, seed);
    this.evidence = noEvidence(opa.limits);
    this.marks = [...HALF_DECADES, ...opa.thresholds];
  }

  live(now: number): void {
    const second = this.traffic.at(now - 1, this.progress.weight);
    this.evidence = withBatch(this.evidence, second);
    this.recent.add(second.canary);
    this.canary = sum(this.canary, second.canary);
    this.stable = sum(this.stable, second.stable);
    const { requests, errors, slow } = second.canary;
    if (requests > 0) this.lastRequestAt = now;
    this.progress.count(now, requests, errors + slow);
  }

  /** An e-value passed a threshold of the policy or half a decade above 1, the last 30 seconds passed a limit, or a clock ran out. */
  hasNews(now: number): boolean {
    const { errors, slow } = evidenceFacts(this.evidence);
    const values = [errors, slow].flatMap((one) => [
      one.worse_than_limit,
      one.better_than_limit,
      one.worse_than_stable ?? 0,
    ]);
    const levels = values.map((value) => this.marks.filter((mark) => value >= mark).length);
    const clocks = [
      this.progress.secondsAtWeight >= HOLD_SECONDS,
      now - this.lastRequestAt >= DEADLINE_SECONDS,
    ];
    const { error_rate_percent = 0, p99_latency_ms, requests } = this.recent.facts();
    const recent = [error_rate_percent > this.opa.limits.max_error_percent, p99_latency_ms, requests > 0];
    const news = [...levels, ...clocks, ...recent].join(' ');
    const isNew = news !== this.news;
    this.news = news;
    return isNew;
  }

  question(now: number): Question {
    return { canary: this.facts(now), ...this.recent.facts() };
  }

  private facts(now: number): CanaryFacts {
    const { weight, weightIndex, secondsAtWeight } = this.progress;
    return {
      weight,
      step: {
        index: weightIndex + 1,
        count: this.scenario.weights.length,
        hold_seconds: HOLD_SECONDS,
        elapsed_seconds: secondsAtWeight,
        paused: false,
      },
      elapsed_seconds: now,
      silent_seconds: now - this.lastRequestAt,
      deadline_seconds: DEADLINE_SECONDS,
      same_spec: false,
      canary: trackFacts(this.canary),
      stable: trackFacts(this.stable),
      evidence: evidenceFacts(this.evidence),
      windows: [],
    };
  }

  obey(now: number, verdict: Verdict | undefined): void {
    this.progress.take(now, stepOf(verdict, this.progress));
  }
}

/** After the last weight nothing is left but to be judged on: promotion is a person's. The hold is ours to keep, as in the controller. */
function stepOf(verdict: Verdict | undefined, { hasPassed, secondsAtWeight }: Progress): Step {
  if (verdict === 'rollback') return 'rollback';
  const mayAdvance = verdict === 'advance' && secondsAtWeight >= HOLD_SECONDS && !hasPassed;
  return mayAdvance ? 'advance' : 'stay';
}
