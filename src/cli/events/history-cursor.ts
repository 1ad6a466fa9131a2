/** Reads a history on from a place, through rotated files, as it grows. It changes nothing, and hands out whole lines only. */
import { stat, type FileHandle } from 'node:fs/promises';
import { listRotated, openIfExists } from '../../controller/history/history-files.js';
import { readLineBatches, type Line } from '../../controller/history/read-lines.js';

export interface Place {
  readonly handle: FileHandle;
  /** In bytes; where a line starts. */
  readonly offset: number;
}

export class HistoryCursor {
  readonly #path: string;
  #place: Place | undefined;

  /** From `place` on, else from the first event. */
  constructor(path: string, place: Place | undefined) {
    this.#path = path;
    this.#place = place;
  }

  /** Every line that came since the last call. */
  async *next(): AsyncGenerator<readonly Line[]> {
    this.#place ??= await this.#oldest();
    while (this.#place !== undefined) {
      // Asked first: a file that has a successor is not written to any more, and what is read of it then is all of it.
      const successor = await this.#successor(this.#place);
      yield* this.#rest(this.#place);
      if (successor === undefined) return;
      await this.#place.handle.close();
      this.#place = { handle: successor, offset: 0 };
    }
  }

  async close(): Promise<void> {
    await this.#place?.handle.close();
    this.#place = undefined;
  }

  async *#rest({ handle, offset }: Place): AsyncGenerator<readonly Line[]> {
    const { size } = await handle.stat();
    // Somebody emptied it: what comes is new.
    let at = size < offset ? 0 : offset;
    for await (const batch of readLineBatches(handle, at)) {
      const whole = batch.filter(({ isWhole }) => isWhole);
      const last = whole.at(-1);
      if (last === undefined) continue;
      at = last.offset + last.bytes.length + 1;
      this.#place = { handle, offset: at };
      yield whole;
    }
  }

  async #oldest(): Promise<Place | undefined> {
    const [oldest, ...others] = await openHistory(this.#path);
    await closeAll(others);
    return oldest === undefined ? undefined : { handle: oldest, offset: 0 };
  }

  /** The file after this one; the current one where this one was deleted. */
  async #successor({ handle }: Place): Promise<FileHandle | undefined> {
    const here = await identityOf(handle);
    const current = await stat(this.#path, { bigint: true }).catch(() => undefined);
    if (current?.ino === here.ino && current.dev === here.dev) return undefined;
    const files = await openHistory(this.#path);
    const index = await indexOf(here, files);
    const now = current === undefined ? -1 : await indexOf(current, files);
    const next = files[index < 0 ? now : index + 1];
    await closeAll(files.filter((file) => file !== next));
    return next;
  }
}

/** Every file of the history, oldest first, to be closed by the caller. */
export async function openHistory(path: string): Promise<readonly FileHandle[]> {
  // Opened before the rotated ones are listed: if it is rotated meanwhile, it is found twice, but never missed.
  const current = await openIfExists(path);
  const names = await listRotated(path).catch(() => []);
  const rotated = (await Promise.all(names.map(openIfExists))).filter((handle) => handle !== undefined);
  if (current === undefined) return rotated;
  const twice = await indexOf(await identityOf(current), rotated);
  if (twice < 0) return [...rotated, current];
  await current.close();
  return rotated;
}

async function closeAll(handles: readonly FileHandle[]): Promise<void> {
  await Promise.all(handles.map((handle) => handle.close()));
}

interface Identity {
  readonly ino: bigint;
  readonly dev: bigint;
}

async function identityOf(handle: FileHandle): Promise<Identity> {
  const { ino, dev } = await handle.stat({ bigint: true });
  return { ino, dev };
}

async function indexOf({ ino, dev }: Identity, handles: readonly FileHandle[]): Promise<number> {
  const found = await Promise.all(handles.map(identityOf));
  return found.findIndex((identity) => identity.ino === ino && identity.dev === dev);
}
