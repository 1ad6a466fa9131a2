/** The rule that ships: our evidence, judged by policies/canary in OPA, with a look every second. */
import type { CanaryFacts } from '../../src/reconcilers/judge/canary-facts.js';
import { evidenceFacts } from '../../src/reconcilers/judge/evidence.js';
import { RolloutSum } from '../../src/reconcilers/judge/rollout-sum.js';
import { trackFacts } from '../../src/reconcilers/judge/track-facts.js';
import { Baking } from './baking.js';
import type { Judged } from './judged.js';
import { News } from './news.js';
import type { Opa, Question, Verdict } from './opa.js';
import { Progress, type Outcome, type Step } from './outcome.js';
import { DEADLINE_SECONDS, HOLD_SECONDS, type Scenario } from './scenario.js';
import { Recent, secondOf, UNTROUBLED } from './told.js';
import { Traffic } from './traffic.js';

/** Without news a rollout is asked about this often. */
const IDLE_LOOK_SECONDS = 60;
/** While OPA answers one of them, another is lived. */
const LANES = 2;

/** The outcomes in the order of the seeds. */
export async function runOurs(scenario: Scenario, seeds: readonly number[], opa: Opa): Promise<Outcome[]> {
  const perLane = Math.ceil(seeds.length / LANES);
  const lanes = Array.from({ length: LANES }, (_, lane) =>
    runLane(scenario, seeds.slice(lane * perLane, (lane + 1) * perLane), opa),
  );
  return (await Promise.all(lanes)).flat();
}

/** Rollouts side by side, so that one request to OPA carries the question of each. */
async function runLane(scenario: Scenario, seeds: readonly number[], opa: Opa): Promise<Outcome[]> {
  const Kind = scenario.bakeSeconds === undefined ? Rollout : Baking;
  const rollouts: readonly Judged[] = seeds.map((seed) => new Kind(scenario, seed, opa));
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

class Rollout implements Judged {
  readonly progress: Progress;
  private readonly traffic: Traffic;
  private readonly news: News;
  private readonly sum: RolloutSum;
  private readonly recent = new Recent();
  private lastRequestAt = 0;

  constructor(
    private readonly scenario: Scenario,
    seed: number,
    opa: Opa,
  ) {
    this.progress = new Progress(scenario);
    this.traffic = new Traffic(scenario, seed);
    this.news = new News(opa);
    this.sum = new RolloutSum(opa.limits);
  }

  live(now: number): void {
    const answers = this.traffic.at(now - 1, this.progress.weight);
    // The proxy's log has no line of a second in which nobody came.
    if (answers.canary.requests + answers.stable.requests > 0)
      this.sum.add(secondOf(now - 1, answers, this.progress.weightIndex));
    this.recent.add(answers.canary);
    const { requests, errors, slow } = answers.canary;
    if (requests > 0) this.lastRequestAt = now;
    this.progress.count(now, requests, errors + slow);
  }

  hasNews(now: number): boolean {
    return this.news.isNew(evidenceFacts(this.sum.evidence), this.recent.facts(), [
      this.progress.secondsAtWeight >= HOLD_SECONDS,
      now - this.lastRequestAt >= DEADLINE_SECONDS,
    ]);
  }

  question(now: number): Question {
    return { canary: this.facts(now), ...this.recent.facts() };
  }

  private facts(now: number): CanaryFacts {
    const { weight, weightIndex, secondsAtWeight } = this.progress;
    const { totals, evidence, windows } = this.sum;
    return {
      weight,
      step: {
        index: weightIndex + 1,
        count: this.scenario.weights.length,
        weight,
        hold_seconds: HOLD_SECONDS,
        elapsed_seconds: secondsAtWeight,
        paused: false,
      },
      elapsed_seconds: now,
      silent_seconds: now - this.lastRequestAt,
      deadline_seconds: DEADLINE_SECONDS,
      same_spec: false,
      canary: trackFacts(totals.canary, UNTROUBLED),
      stable: trackFacts(totals.stable, UNTROUBLED),
      evidence: evidenceFacts(evidence),
      windows,
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
