/** What a rollout's seconds come to: totals for people and policies, evidence for the verdict, the last windows for authors. */
import type { Track } from '../plan/proxy-model.js';
import type { CanaryLimits, WindowFacts, WindowTally } from './canary-facts.js';
import { noEvidence, withBatch, type EvidenceState } from './evidence.js';
import type { SecondTally } from './second-book.js';
import { TrackTally } from './track-tally.js';

const KEPT_WINDOWS = 20;

export class RolloutSum {
  readonly totals: Readonly<Record<Track, TrackTally>> = {
    canary: new TrackTally(),
    stable: new TrackTally(),
  };
  /** The last in which the canary had requests, oldest first. */
  windows: readonly Required<WindowFacts>[] = [];
  evidence: EvidenceState;

  constructor(limits: CanaryLimits) {
    this.evidence = noEvidence(limits);
  }

  /** What `other` came to; for a sum that is still empty. */
  take({ totals, windows, evidence }: RolloutSum): void {
    this.count(totals);
    this.windows = windows;
    this.evidence = evidence;
  }

  /** A second that is over. */
  add({ tracks }: SecondTally): void {
    this.count(tracks);
    const window = { seconds: 1, canary: windowOf(tracks.canary), stable: windowOf(tracks.stable) };
    this.evidence = withBatch(this.evidence, window);
    if (window.canary.requests > 0) this.windows = [...this.windows, window].slice(-KEPT_WINDOWS);
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
