/** What a rollout's seconds come to: totals for people and policies, evidence for the verdict, the last windows for authors. */
import type { Track } from '../plan/proxy-model.js';
import type { CanaryLimits, WindowFacts, WindowTally } from './canary-facts.js';
import { noEvidence, withBatch, type EvidenceState } from './evidence.js';
import type { SecondTally } from './second-book.js';
import { TrackTally } from './track-tally.js';

const KEPT_WINDOWS = 20;
const NOBODY: WindowTally = { requests: 0, errors: 0, slow: 0 };

export class RolloutSum {
  readonly totals: Readonly<Record<Track, TrackTally>> = {
    canary: new TrackTally(),
    stable: new TrackTally(),
  };
  /**
   * The last in which the canary had requests, oldest first. Each reaches back to the one before: where requests are few, stable is asked
   * in other seconds than the canary, and is none the less beside it.
   */
  windows: readonly Required<WindowFacts>[] = [];
  evidence: EvidenceState;
  /** Stable's answers since the last window, which ended before this second of the log. */
  private sinceWindow: { readonly fromSecond: number; readonly stable: WindowTally } | undefined;

  constructor(limits: CanaryLimits) {
    this.evidence = noEvidence(limits);
  }

  /** What `other` came to; for a sum that is still empty. */
  take({ totals, windows, evidence, sinceWindow }: RolloutSum): void {
    this.count(totals);
    this.windows = windows;
    this.evidence = evidence;
    this.sinceWindow = sinceWindow;
  }

  /** A second that is over. */
  add({ second, tracks, changes }: SecondTally): void {
    this.count(tracks);
    const canary = windowOf(tracks.canary);
    const ofStable = windowOf(tracks.stable);
    const shares = changes === undefined ? {} : { changes };
    this.evidence = withBatch(this.evidence, { canary, stable: ofStable, ...shares });
    const { fromSecond = second, stable: before = NOBODY } = this.sinceWindow ?? {};
    const stable = sumOf(before, ofStable);
    if (canary.requests === 0) {
      this.sinceWindow = { fromSecond, stable };
      return;
    }
    this.windows = [...this.windows, { seconds: second + 1 - fromSecond, canary, stable }].slice(
      -KEPT_WINDOWS,
    );
    this.sinceWindow = { fromSecond: second + 1, stable: NOBODY };
  }

  /** Of a second that may still grow, only the totals are told: the first half of a burst is not yet a burst. */
  count(tracks: SecondTally['tracks']): void {
    this.totals.canary.addAll(tracks.canary);
    this.totals.stable.addAll(tracks.stable);
  }
}

function windowOf({ requests, errors, slow }: TrackTally): WindowTally {
  return { requests, errors, slow };
}

function sumOf(a: WindowTally, b: WindowTally): WindowTally {
  return { requests: a.requests + b.requests, errors: a.errors + b.errors, slow: a.slow + b.slow };
}
