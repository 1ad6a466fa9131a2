/**
 * Lets other processes ask for a look now: each leaves a file in a folder, under a name of its own that is never used again,
 * and finds it gone when somebody has looked.
 * It takes nothing from a request but that it is there.
 */

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Trigger } from '../controller.js';
import type { Outcome } from '../outcome.js';
import { FileTrigger } from './file-trigger.js';

export interface RequestTriggerOptions {
  readonly key: string;
  /** Need not be there. */
  readonly dir: string;
  /** Before the tick: looks at what a tick takes as given. */
  readonly prepare: () => Promise<void>;
  /** Another value once a tick has looked; one that gives up before that answers nobody. */
  readonly lastLook: () => unknown;
  /** Resolves when what the tick found can be read; never rejects. */
  readonly told: () => Promise<unknown>;
}

export class RequestTrigger implements Trigger {
  readonly #options: RequestTriggerOptions;
  readonly #files: FileTrigger;
  /** Requests that are being prepared, or wait for a tick. */
  readonly #known = new Set<string>();
  readonly #waiting = new Set<string>();
  #enqueue: (key: string) => void = () => undefined;

  constructor(options: RequestTriggerOptions) {
    this.#options = options;
    this.#files = new FileTrigger({ key: options.key, paths: [options.dir] });
  }

  /** What was asked for before counts too. */
  async start(enqueue: (key: string) => void): Promise<void> {
    this.#enqueue = enqueue;
    await this.#files.start(() => void this.#take());
    void this.#take();
  }

  stop(): Promise<void> {
    return this.#files.stop();
  }

  /** Runs a tick, which answers what waited before it; not one after which the next is due at once. */
  async tick(run: () => Promise<Outcome>): Promise<Outcome> {
    const waiting = [...this.#waiting];
    const before = this.#options.lastLook();
    let isAnswer = true;
    try {
      const outcome = await run();
      isAnswer = outcome.kind !== 'progress';
      return outcome;
    } finally {
      if (isAnswer && this.#options.lastLook() !== before) await this.#answer(waiting);
    }
  }

  async #take(): Promise<void> {
    const fresh = (await namesIn(this.#options.dir)).filter((name) => !this.#known.has(name));
    if (fresh.length === 0) return;
    for (const name of fresh) this.#known.add(name);
    await warning(this.#options.prepare());
    for (const name of fresh) this.#waiting.add(name);
    this.#enqueue(this.#options.key);
  }

  async #answer(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#options.told();
    for (const name of names) {
      await warning(rm(join(this.#options.dir, name), { force: true }));
      this.#waiting.delete(name);
      this.#known.delete(name);
    }
  }
}

async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch {
    return [];
  }
}

/** Who asked waits in vain then, and nobody else. */
async function warning(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : new Error('a request failed', { cause: error }));
  }
}
