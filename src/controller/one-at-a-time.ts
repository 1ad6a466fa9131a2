/** One run at a time: whoever asks while one is under way gets one more after it, shared by all who asked. It loses no request. */

export class OneAtATime {
  readonly #run: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(run: () => Promise<void>) {
    this.#run = run;
  }

  /** Resolves when a run has ended that began after this was asked. */
  now(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#run().finally(() => (this.#running = undefined));
      return this.#running;
    }
    const again = () => {
      this.#next = undefined;
      return this.now();
    };
    this.#next ??= this.#running.then(again, again);
    return this.#next;
  }

  /** Resolves when what runs now has ended. */
  async ended(): Promise<void> {
    await this.#running;
  }
}
