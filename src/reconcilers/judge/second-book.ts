/**
 * Attempts by the second of the log's own clock, in the log's order: the same log gives the same seconds, whoever reads it and when.
 * A second ends with the first attempt of a later one; what comes late belongs to the second that has begun.
 */
import type { Track } from '../plan/proxy-model.js';
import type { Attempt } from './attempt.js';
import { TrackTally, type Mark } from './track-tally.js';

/** What happened in one second. */
export interface SecondTally {
  /** Epoch seconds. */
  readonly second: number;
  readonly tracks: Readonly<Record<Track, TrackTally>>;
  /** How often the shares had changed before it, where that is known. */
  readonly changes?: number;
}

/** A weight change is heard of after the requests that it may have disturbed: by then, at the latest. */
const HELD_SECONDS = 10;
const NONE: readonly SecondTally[] = [];

export class SecondBook {
  private readonly held: SecondTally[] = [];

  add(attempt: Attempt, mark: Mark): void {
    const second = Math.floor(attempt.atMs / 1000);
    let current = this.held.at(-1);
    if (current === undefined || second > current.second) {
      current = { second, tracks: { canary: new TrackTally(), stable: new TrackTally() } };
      this.held.push(current);
    }
    current.tracks[attempt.track].add(attempt, mark);
  }

  /** Those whose requests can still turn out to be left out, oldest first; the last one may still grow. */
  recent(): readonly SecondTally[] {
    return this.held;
  }

  /** The others, each handed out once, oldest first. */
  takeSettled(): readonly SecondTally[] {
    const settledBefore = (this.held.at(-1)?.second ?? 0) - HELD_SECONDS;
    let count = 0;
    while ((this.held[count]?.second ?? Infinity) <= settledBefore) count += 1;
    return count === 0 ? NONE : this.held.splice(0, count);
  }
}
