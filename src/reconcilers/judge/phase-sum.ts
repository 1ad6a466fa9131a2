/**
 * What the seconds of a rollout come to. Once it bakes the canary is alone: then its figures begin anew, and what stable was like before
 * is what they are compared with.
 */
import type { CanaryFacts, CanaryLimits, Evidence } from './canary-facts.js';
import { evidenceFacts, intervalPercent, noEvidence, withBatch, type EvidenceState } from './evidence.js';
import { RolloutSum } from './rollout-sum.js';
import type { SecondTally } from './second-book.js';
import { TrackTally } from './track-tally.js';

export interface Sums extends Pick<CanaryFacts, 'evidence' | 'windows'> {
  readonly totals: RolloutSum['totals'];
}

/** More than this is no limit. */
const HIGHEST_PERCENT = 99;

export class PhaseSum {
  private readonly beside: RolloutSum;
  private readonly alone: RolloutSum;
  /** Against the rates that stable had at most; absent before the bake's first second. */
  private thanBefore: EvidenceState | undefined;

  /** `bakeSinceMs`: epoch milliseconds; absent for a canary that does not bake. */
  constructor(
    private readonly limits: CanaryLimits,
    private readonly bakeSinceMs: number | undefined,
  ) {
    this.beside = new RolloutSum(limits);
    this.alone = new RolloutSum(limits);
  }

  copy(): PhaseSum {
    const copy = new PhaseSum(this.limits, this.bakeSinceMs);
    for (const sum of ['beside', 'alone'] as const) copy[sum].take(this[sum]);
    copy.thanBefore = this.thanBefore;
    return copy;
  }

  /** A second that is over. */
  add(second: SecondTally): void {
    if (!this.isBaked(second)) return this.beside.add(second);
    const { requests, errors, slow } = second.tracks.canary;
    this.alone.add(onlyCanary(second));
    this.thanBefore = withBatch(this.thanBefore ?? noEvidence(this.before()), {
      canary: { requests, errors, slow },
    });
  }

  /** Of a second that may still grow. */
  count(second: SecondTally): void {
    if (this.isBaked(second)) this.alone.count(onlyCanary(second).tracks);
    else this.beside.count(second.tracks);
  }

  sums(): Sums {
    if (this.bakeSinceMs === undefined) {
      const { totals, evidence, windows } = this.beside;
      return { totals, evidence: evidenceFacts(evidence), windows };
    }
    const windows = this.alone.windows.map(({ seconds, canary }) => ({ seconds, canary }));
    const totals = { canary: this.alone.totals.canary, stable: this.beside.totals.stable };
    return { totals, evidence: this.bakeEvidence(), windows };
  }

  private bakeEvidence(): CanaryFacts['evidence'] {
    const { errors, slow } = evidenceFacts(this.alone.evidence);
    if (this.beside.totals.stable.requests === 0) return { errors, slow };
    const than = evidenceFacts(this.thanBefore ?? noEvidence(this.before()));
    return { errors: compared(errors, than.errors), slow: compared(slow, than.slow) };
  }

  /** The highest rates that stable's figures of before allow for, as limits. */
  private before(): CanaryLimits {
    const { requests, errors, slow } = this.beside.totals.stable;
    return {
      ...this.limits,
      max_error_percent: highest(requests, errors),
      max_slow_percent: highest(requests, slow),
    };
  }

  private isBaked({ second }: SecondTally): boolean {
    return this.bakeSinceMs !== undefined && second * 1000 >= this.bakeSinceMs;
  }
}

function onlyCanary({ second, tracks }: SecondTally): SecondTally {
  return { second, tracks: { canary: tracks.canary, stable: new TrackTally() } };
}

function highest(requests: number, bad: number): number {
  return Math.min(HIGHEST_PERCENT, intervalPercent(requests, bad)?.[1] ?? HIGHEST_PERCENT);
}

function compared(evidence: Evidence, { worse_than_limit }: Evidence): Evidence {
  return { ...evidence, worse_than_stable: worse_than_limit };
}
