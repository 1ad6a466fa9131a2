/**
 * Enqueues a key whenever the content at its paths may have changed: watched where the system tells, polled where it is deaf.
 * It carries no fact but the key, and whatever happens to the files, it never throws and never dies.
 */

import { toNextBeat } from '../beat.js';
import type { Trigger } from '../controller.js';
import { OneAtATime } from '../one-at-a-time.js';
import { DirectoryWatches } from './directory-watches.js';
import { contentFingerprint, metadataFingerprint } from './fingerprint.js';
import { concerns, findWatchTargets, type WatchTargets } from './watch-targets.js';

/** Collects the events of one save; well below what a person notices. */
const DEBOUNCE_MS = 5;
/** Some file systems do not change metadata when content changes. */
const POLLS_PER_FULL_HASH = 10;
const NO_TARGETS: WatchTargets = { directories: new Map(), entries: new Set(), trees: new Set() };

export interface FileTriggerOptions {
  readonly key: string;
  /** Files and directories (with all that is in them); they need not exist. */
  readonly paths: readonly string[];
  /** Milliseconds between two looks at the metadata; default 2,000. */
  readonly pollMs?: number;
  /** Told when a directory cannot be watched, so that changes are seen by polling only. */
  readonly onWatchError?: (error: Error) => void;
}

export class FileTrigger implements Trigger {
  readonly #options: Required<FileTriggerOptions>;
  readonly #watches: DirectoryWatches;
  readonly #looks = new OneAtATime(() => this.#look());
  #enqueue: (key: string) => void = () => undefined;
  #targets = NO_TARGETS;
  #content = '';
  #metadata = '';
  #polls = 0;
  #isStopped = false;
  #debounceTimer: NodeJS.Timeout | undefined;
  #pollTimer: NodeJS.Timeout | undefined;

  constructor(options: FileTriggerOptions) {
    this.#options = { pollMs: 2_000, onWatchError: () => undefined, ...options };
    this.#watches = new DirectoryWatches({
      onEvent: (directory, name) => this.#onEvent(directory, name),
      onError: (error) => this.#options.onWatchError(error),
    });
  }

  /** Takes what is there now as known, and watches from then on. */
  async start(enqueue: (key: string) => void): Promise<void> {
    this.#enqueue = enqueue;
    this.#metadata = await metadataFingerprint(this.#options.paths);
    this.#content = await contentFingerprint(this.#options.paths);
    await this.#follow();
    this.#scheduleNextPoll();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#debounceTimer);
    clearTimeout(this.#pollTimer);
    await this.#looks.ended();
    await this.#watches.close();
  }

  #onEvent(directory: string, name: string | undefined): void {
    if (this.#isStopped || !concerns(this.#targets, directory, name)) return;
    this.#debounceTimer ??= setTimeout(() => {
      this.#debounceTimer = undefined;
      void this.#looks.now();
    }, DEBOUNCE_MS);
  }

  async #look(): Promise<void> {
    if (this.#isStopped) return;
    // Before the content: what changes in between shows in the next poll.
    this.#metadata = await metadataFingerprint(this.#options.paths);
    const content = await contentFingerprint(this.#options.paths);
    if (content !== this.#content && !this.#isStopped) this.#enqueue(this.#options.key);
    this.#content = content;
    await this.#follow();
  }

  /** Links and directories may have changed: watches what the paths lead to now. */
  async #follow(): Promise<void> {
    if (this.#isStopped) return;
    this.#targets = await findWatchTargets(this.#options.paths);
    await this.#watches.sync(this.#targets.directories);
  }

  #scheduleNextPoll(): void {
    if (this.#isStopped) return;
    this.#pollTimer = setTimeout(
      () => void this.#poll().finally(() => this.#scheduleNextPoll()),
      toNextBeat(this.#options.pollMs, performance.now()),
    );
  }

  async #poll(): Promise<void> {
    this.#polls += 1;
    const isFull = this.#polls % POLLS_PER_FULL_HASH === 0;
    if (isFull || (await metadataFingerprint(this.#options.paths)) !== this.#metadata)
      await this.#looks.now();
  }
}
