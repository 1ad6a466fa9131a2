/** Whether a look can have another verdict than the look before: the policy is asked where it can, and now and then. */
import type { CanaryFacts, RecentFacts } from '../../src/reconcilers/judge/canary-facts.js';
import type { Opa } from './opa.js';

export class News {
  private known = '';

  constructor(private readonly opa: Pick<Opa, 'evidenceThresholds' | 'limits'>) {}

  /**
   * An e-value passed a threshold for evidence, one of `clocks` ran out, or, once one has, the last 30 seconds passed a limit: before,
   * only harm moves a canary.
   */
  isNew(evidence: CanaryFacts['evidence'], recent: RecentFacts, clocks: readonly boolean[]): boolean {
    const { error_rate_percent = 0, p99_latency_ms, requests } = recent;
    const levels = [evidence.errors, evidence.slow]
      .flatMap((one) => [
        one.worse_than_limit,
        one.worse_than_limit_since_stable,
        one.worse_than_limit_since_weight,
        one.better_than_limit,
        one.worse_than_stable ?? 0,
      ])
      .map((value) => this.opa.evidenceThresholds.filter((threshold) => value >= threshold).length);
    const isHeld = !clocks.includes(true);
    const seen = [error_rate_percent > this.opa.limits.max_error_percent, p99_latency_ms, requests > 0];
    // Whoever is above the limit alone is judged by how long stable has been silent.
    const isAlone = evidence.errors.worse_than_limit_since_stable > 1;
    const alone = isAlone ? evidence.errors.requests_since_stable : 0;
    const news = [...levels, alone, ...clocks, ...(isHeld ? [] : seen)].join(' ');
    const isNew = news !== this.known;
    this.known = news;
    return isNew;
  }
}
