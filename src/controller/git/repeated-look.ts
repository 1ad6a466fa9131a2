/** One look at a time, again and again: looks that overlap are one more look, and each says how long until the next. */

import { OneAtATime } from '../one-at-a-time.js';

export class RepeatedLook {
  readonly #lookOnce: (stopped: AbortSignal) => Promise<number>;
  readonly #stopped = new AbortController();
  readonly #looks = new OneAtATime(() => this.#look());
  #timer: NodeJS.Timeout | undefined;

  /** `lookOnce` never rejects; the milliseconds until it is called again. */
  constructor(lookOnce: (stopped: AbortSignal) => Promise<number>) {
    this.#lookOnce = lookOnce;
  }

  get #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  /** Look now; returns when that look has ended. Never rejects. */
  now(): Promise<void> {
    return this.#looks.now();
  }

  /** Ends what runs; resolves when nothing of it is left. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    await this.#looks.ended();
  }

  async #look(): Promise<void> {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    const pauseMs = await this.#lookOnce(this.#stopped.signal);
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.now(), pauseMs);
  }
}
