/** One look at a time, again and again: looks that overlap are one more look, and each says how long until the next. */

export class RepeatedLook {
  readonly #lookOnce: (stopped: AbortSignal) => Promise<number>;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
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
    if (this.#isStopped) return Promise.resolve();
    if (this.#running === undefined) {
      this.#running = this.#look().finally(() => (this.#running = undefined));
      return this.#running;
    }
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.now();
    });
    return this.#next;
  }

  /** Ends what runs; resolves when nothing of it is left. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    const pauseMs = await this.#lookOnce(this.#stopped.signal);
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.now(), pauseMs);
  }
}
