/**
 * A queue of keys, each with the time from which it is due; a key is never worked on twice at once.
 * It carries keys, never facts, and must never lose a trigger.
 */

import { setMaxListeners } from 'node:events';
import PQueue from 'p-queue';

/** The longest that a Node timer can wait (about 24.8 days). */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface KeyQueueOptions {
  /** How many different keys may be worked on at once. */
  readonly concurrency: number;
  /** Must not reject: a rejection is a programming error and surfaces as an unhandled rejection; the queue goes on. */
  readonly work: (key: string, signal: AbortSignal) => Promise<void>;
}

interface Delayed {
  readonly dueAtMs: number;
  readonly timer: NodeJS.Timeout;
}

/**
 * INVARIANTS: a key is in at most one of `#ready` (waits for a free slot) and `#running`;
 * a key in `#again` is in `#running`; a key has at most one timer.
 */
export class KeyQueue {
  readonly #work: KeyQueueOptions['work'];
  readonly #slots: PQueue;
  readonly #delayed = new Map<string, Delayed>();
  readonly #ready = new Set<string>();
  readonly #running = new Map<string, AbortController>();
  readonly #again = new Set<string>();
  #stopped = false;

  constructor(options: KeyQueueOptions) {
    this.#work = options.work;
    this.#slots = new PQueue({ concurrency: options.concurrency });
  }

  /** Asks for one run of `key` in `afterMs` milliseconds (default: now); of several requests the earliest wins. */
  enqueue(key: string, afterMs = 0): void {
    if (this.#stopped) return;
    if (afterMs > 0) this.#enqueueLater(key, Math.min(afterMs, MAX_TIMER_MS));
    else this.#enqueueNow(key);
  }

  /** Resolves when nothing runs and nothing is due; keys that are due later do not count. */
  async idle(): Promise<void> {
    await this.#slots.onIdle();
  }

  /** Starts no more work; resolves when what runs has finished. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const key of [...this.#delayed.keys()]) this.#cancelTimer(key);
    this.#slots.clear();
    this.#ready.clear();
    this.#again.clear();
    await this.#slots.onIdle();
  }

  /** Aborts the signal of everything that runs. */
  abort(): void {
    for (const controller of this.#running.values()) controller.abort();
  }

  #enqueueLater(key: string, afterMs: number): void {
    if (this.#ready.has(key)) return;
    const dueAtMs = performance.now() + afterMs;
    const earlier = this.#delayed.get(key);
    if (earlier !== undefined && earlier.dueAtMs <= dueAtMs) return;
    this.#cancelTimer(key);
    const timer = setTimeout(() => this.#enqueueNow(key), afterMs);
    this.#delayed.set(key, { dueAtMs, timer });
  }

  #enqueueNow(key: string): void {
    this.#cancelTimer(key);
    if (this.#running.has(key)) {
      this.#again.add(key);
      return;
    }
    if (this.#ready.has(key)) return;
    this.#ready.add(key);
    void this.#slots.add(() => this.#run(key));
  }

  async #run(key: string): Promise<void> {
    // p-queue starts at once; triggers of the same moment must find the key still waiting, and be one run.
    await Promise.resolve();
    if (!this.#ready.delete(key)) return;
    const controller = new AbortController();
    // Whatever a run does side by side may listen; Node.js warns of more than ten.
    setMaxListeners(0, controller.signal);
    this.#running.set(key, controller);
    try {
      await this.#work(key, controller.signal);
    } finally {
      this.#running.delete(key);
      if (this.#again.delete(key)) this.#enqueueNow(key);
    }
  }

  #cancelTimer(key: string): void {
    clearTimeout(this.#delayed.get(key)?.timer);
    this.#delayed.delete(key);
  }
}
