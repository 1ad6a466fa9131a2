/**
 * Notices that a stream was behind: a line that comes late was waiting, and what waits while the Engine rotates a log for the second time is
 * passed over without a word (seen with Engine 20.10). It only says that it may have happened.
 */

/** No log fills a file in less. */
const BEHIND_MS = 1000;
/** Longer than any stream takes to catch up: a clock was set. */
const CLOCK_MS = 10_000;

export class LagWatch {
  /** Of all lines: what the clocks differ by, and the way. */
  private leastMs = Infinity;
  private behindSinceMs: number | undefined;

  get isBehind(): boolean {
    return this.behindSinceMs !== undefined;
  }

  /** True once after it was behind: lines may be missing. `atMs` is the Engine's clock, `nowMs` ours. */
  heard(atMs: number, nowMs: number): boolean {
    const lagMs = nowMs - atMs;
    this.leastMs = Math.min(this.leastMs, lagMs);
    if (lagMs - this.leastMs > BEHIND_MS) {
      this.behindSinceMs ??= nowMs;
      if (nowMs - this.behindSinceMs < CLOCK_MS) return false;
      this.leastMs = lagMs;
    }
    if (this.behindSinceMs === undefined) return false;
    this.behindSinceMs = undefined;
    return true;
  }
}
