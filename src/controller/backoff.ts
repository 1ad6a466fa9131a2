/**
 * Counts failures per key and says how long to pause after each.
 * It must never sleep or schedule: the queue does that.
 */

export interface BackoffOptions {
  /** The longest first pause, in milliseconds. */
  readonly baseMs: number;
  /** No pause is longer, in milliseconds. */
  readonly maxMs: number;
  /** In [0, 1); replaced in tests. */
  readonly random?: () => number;
}

/** Pauses that double with every failure in a row; each is drawn from the upper half of its range, so that keys spread. */
export class Backoff {
  readonly #options: Required<BackoffOptions>;
  readonly #failures = new Map<string, number>();

  constructor(options: BackoffOptions) {
    this.#options = { random: Math.random, ...options };
  }

  /** Counts one more failure of `key` and returns the pause after it, in milliseconds. */
  next(key: string): number {
    const { baseMs, maxMs, random } = this.#options;
    const before = this.failures(key);
    this.#failures.set(key, before + 1);
    const ceilingMs = Math.min(maxMs, baseMs * 2 ** before);
    return Math.round(ceilingMs / 2 + (random() * ceilingMs) / 2);
  }

  /** Forgets the failures of `key`: it worked. */
  reset(key: string): void {
    this.#failures.delete(key);
  }

  /** Failures of `key` in a row. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }
}
