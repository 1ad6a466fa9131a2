/** Times at which several periodic looks wake the process together: one that is woken for each alone pays more for waking than for looking. */

const LONGEST_BEAT_MS = 2000;
/** Of a period: nobody's look comes earlier or later than by half of that. */
const BEAT_SHARE = 0.2;

/** Milliseconds from `nowMs` to the beat nearest to `afterMs` later; never off by more than a tenth of `afterMs`. Pure. */
export function toNextBeat(afterMs: number, nowMs: number): number {
  const beatMs = Math.min(BEAT_SHARE * afterMs, LONGEST_BEAT_MS);
  return Math.round((nowMs + afterMs) / beatMs) * beatMs - nowMs;
}
