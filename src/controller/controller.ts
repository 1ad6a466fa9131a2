/**
 * The engine: triggers enqueue keys, a key is reconciled, its outcome says when to look again.
 * It knows no container, and a tick, however it ends, always schedules the next one.
 */

import type { Backoff } from './backoff.js';
import { KeyQueue } from './key-queue.js';
import { requeueDelay, type Outcome } from './outcome.js';

/** Time left to what was aborted, so that with `graceMs` 4,000 a slow machine has as long again for the rest of its 10 s. */
const AFTER_ABORT_MS = 1_500;

/** Something that notices a possible change; all it may do is enqueue a key. */
export interface Trigger {
  /** Returns promptly: what needs a remote side connects in the background. Rejects only for programming errors. */
  start(enqueue: (key: string) => void): Promise<void> | void;
  stop(): Promise<void> | void;
}

export interface ControllerOptions {
  /** One tick: resolves to its outcome; a throw is transient and backs off. Should end soon after `signal` aborts. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<Outcome>;
  readonly keys: readonly string[];
  /** The longest time between two ticks of a key that works, in milliseconds. */
  readonly resyncMs: number;
  readonly concurrency?: number;
  readonly backoff: Backoff;
  /** Called after every tick; an `Error` is what `reconcile` threw. */
  readonly onTick?: (key: string, result: Outcome | Error, durationMs: number) => void;
  readonly triggers: readonly Trigger[];
  /** How long a running tick may go on after `stop()` before its signal aborts, in milliseconds. */
  readonly graceMs?: number;
}

/** Runs `reconcile` for each key, level-triggered, until stopped. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #queue: KeyQueue;
  #lastTickAtMs: number | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#queue = new KeyQueue({
      concurrency: options.concurrency ?? 1,
      work: (key, signal) => this.#tick(key, signal),
    });
  }

  /** Starts the triggers, then enqueues every key; rejects if a trigger cannot start. */
  async start(): Promise<void> {
    const enqueue = (key: string) => this.enqueue(key);
    await Promise.all(this.#options.triggers.map(async (trigger) => trigger.start(enqueue)));
    for (const key of this.#options.keys) this.enqueue(key);
  }

  /** Asks for a tick of `key` in `afterMs` milliseconds (default: now). */
  enqueue(key: string, afterMs?: number): void {
    this.#queue.enqueue(key, afterMs);
  }

  /** Milliseconds since a tick last ended; undefined before the first. */
  msSinceLastTick(): number | undefined {
    return this.#lastTickAtMs === undefined ? undefined : performance.now() - this.#lastTickAtMs;
  }

  /** Lets the running tick finish, aborts it after `graceMs` (4,000), and resolves within 1.5 s of that in any case. */
  async stop(): Promise<void> {
    this.#stopping ??= this.#stopWithin(this.#options.graceMs ?? 4_000);
    await this.#stopping;
  }

  async #stopWithin(graceMs: number): Promise<void> {
    const ended = Promise.all([this.#queue.stop(), this.#stopTriggers()]);
    await new Promise<void>((resolve) => {
      const abort = setTimeout(() => this.#queue.abort(), graceMs);
      const giveUp = setTimeout(resolve, graceMs + AFTER_ABORT_MS);
      void ended.then(() => {
        clearTimeout(abort);
        clearTimeout(giveUp);
        resolve();
      });
    });
  }

  async #stopTriggers(): Promise<void> {
    const stops = this.#options.triggers.map(async (trigger) => trigger.stop());
    const results = await Promise.allSettled(stops);
    for (const result of results)
      if (result.status === 'rejected') process.emitWarning(toError(result.reason));
  }

  async #tick(key: string, signal: AbortSignal): Promise<void> {
    const startedAtMs = performance.now();
    const result = await this.#reconcile(key, signal);
    this.#lastTickAtMs = performance.now();
    this.enqueue(key, this.#delayAfter(key, result));
    this.#report(key, result, this.#lastTickAtMs - startedAtMs);
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<Outcome | Error> {
    try {
      return await this.#options.reconcile(key, signal);
    } catch (thrown) {
      return toError(thrown);
    }
  }

  #delayAfter(key: string, result: Outcome | Error): number {
    const { backoff, resyncMs } = this.#options;
    if (result instanceof Error) return backoff.next(key);
    backoff.reset(key);
    return requeueDelay(result, resyncMs);
  }

  /** A reporter that throws must not stop the loop, nor go unnoticed. */
  #report(key: string, result: Outcome | Error, durationMs: number): void {
    try {
      this.#options.onTick?.(key, result, durationMs);
    } catch (thrown) {
      process.emitWarning(toError(thrown));
    }
  }
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('Thrown value is not an Error', { cause: thrown });
}
