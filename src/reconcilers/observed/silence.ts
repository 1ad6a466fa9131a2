/** Since when something has said nothing, on a wall clock that somebody may set. */

/** `since`: when it was silent first, if it was; epoch milliseconds, as `now`. A clock that was set back begins the count again. */
export function stillSilentSince(since: number | undefined, now: number): number {
  return Math.min(since ?? now, now);
}
