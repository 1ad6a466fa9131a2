/**
 * Keeps one chokidar watcher per directory, none of them recursive, and passes on every raw event.
 * chokidar's own add/change/unlink are not used: it holds replacements back for 100 ms and reads whole directories for them.
 */

import { FSWatcher } from 'chokidar';
import { basename } from 'node:path';

export interface DirectoryWatchesOptions {
  /** Something happened to the entry `name` of `directory`; undefined: somewhere in it. */
  readonly onEvent: (directory: string, name: string | undefined) => void;
  /** A directory cannot be watched (too many watches, no permission): only polling sees it. */
  readonly onError: (error: Error) => void;
}

interface Watched {
  readonly identity: string;
  readonly watcher: FSWatcher;
}

export class DirectoryWatches {
  readonly #options: DirectoryWatchesOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: DirectoryWatchesOptions) {
    this.#options = options;
  }

  /** Watches exactly these directories (path to identity) from now on. */
  async sync(directories: ReadonlyMap<string, string>): Promise<void> {
    for (const [directory, { identity }] of [...this.#watched]) {
      if (directories.get(directory) !== identity) await this.#unwatch(directory);
    }
    for (const [directory, identity] of directories) {
      if (!this.#watched.has(directory)) this.#watch(directory, identity);
    }
  }

  async close(): Promise<void> {
    for (const directory of [...this.#watched.keys()]) await this.#unwatch(directory);
  }

  #watch(directory: string, identity: string): void {
    const { onEvent, onError } = this.#options;
    const watcher = new RawWatcher({ depth: 0, ignoreInitial: true });
    watcher.on('raw', (_event, name) => this.#onRaw(directory, name));
    // What changed before the watch was up brought no event.
    watcher.on('ready', () => onEvent(directory, undefined));
    watcher.on('error', (error) =>
      onError(error instanceof Error ? error : new Error('watch failed', { cause: error })),
    );
    watcher.add(directory);
    this.#watched.set(directory, { identity, watcher });
  }

  /** An event that names the directory itself may be its end, and one of the same inode may already be in its place: watch anew. */
  #onRaw(directory: string, name: unknown): void {
    const isNamed = typeof name === 'string' && name !== '';
    if (name === basename(directory)) void this.#unwatch(directory);
    this.#options.onEvent(directory, isNamed && name !== basename(directory) ? name : undefined);
  }

  async #unwatch(directory: string): Promise<void> {
    const watched = this.#watched.get(directory);
    this.#watched.delete(directory);
    await watched?.watcher.close();
  }
}

/**
 * Reads no directory. chokidar does at every event, and asks for the state of each entry: beside the manifest lie files that the
 * controller itself writes, and that was a tenth of a core for as long as a rollout lasts.
 */
class RawWatcher extends FSWatcher {
  override _readdirp(): undefined {
    return undefined;
  }
}
