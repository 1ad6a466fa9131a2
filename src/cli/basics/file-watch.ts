/** Wakes whoever waits for one file to change: where the system tells, at once; where it does not, by looking again. */
import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';

const POLL_MS = 1000;

export class FileWatch {
  readonly #name: string;
  readonly #directory: string;
  #watcher: FSWatcher | undefined;
  #hasChanged = false;
  #wake: () => void = () => undefined;

  /** The file, and even its directory, may not be there yet. */
  constructor(path: string) {
    this.#name = basename(path);
    this.#directory = dirname(path);
    this.#watch();
  }

  /** Resolves at a change since the last call, after a second at the latest, or when `signal` fires. */
  async next(signal: AbortSignal): Promise<void> {
    if (this.#watcher === undefined) this.#watch();
    if (this.#hasChanged || signal.aborted) {
      this.#hasChanged = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, POLL_MS);
      this.#wake = wake;
      signal.addEventListener('abort', wake);
    });
    this.#wake = () => undefined;
    this.#hasChanged = false;
  }

  close(): void {
    this.#watcher?.close();
  }

  /** Of the directory: a file that is replaced is another one. Without a watcher every look is one of the poll. */
  #watch(): void {
    try {
      const watcher = watch(this.#directory, (_event, name) => {
        if (name !== null && name !== this.#name) return;
        this.#hasChanged = true;
        this.#wake();
      });
      watcher.on('error', () => {
        watcher.close();
        this.#watcher = undefined;
      });
      this.#watcher = watcher;
    } catch {
      this.#watcher = undefined;
    }
  }
}
