/**
 * Ends work that writes too much into a folder. git has no limit of its own for a fetch, so this looks at the disk while
 * one runs: what the line brings between two looks can still exceed the limit.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SourceError } from './source-error.js';

const LOOK_MS = 100;

/** Runs `work` and rejects with `TooLarge` if files directly in `folder` grow by more than `maxBytes` meanwhile. */
export async function guardGrowth<T>(
  folder: string,
  maxBytes: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const before = await folderBytes(folder);
  const tooMuch = new AbortController();
  const ended = new AbortController();
  const look = async () => {
    if ((await folderBytes(folder)) - before > maxBytes) tooMuch.abort(tooLarge(maxBytes));
  };
  const watching = lookUntil(look, ended.signal);
  try {
    const result = await work(tooMuch.signal);
    await look();
    tooMuch.signal.throwIfAborted();
    return result;
  } finally {
    ended.abort();
    await watching;
  }
}

/** Also said of the files of one commit. */
export function tooLarge(maxBytes: number): SourceError {
  const limit = `${String(Math.floor(maxBytes / 1024 ** 2))} MiB`;
  return new SourceError(
    'TooLarge',
    `the repository brings more than ${limit}: make it smaller, or raise max_size in source.yaml`,
  );
}

async function lookUntil(look: () => Promise<void>, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    await sleep(LOOK_MS, undefined, { signal: ended }).catch(() => undefined);
    if (!ended.aborted) await look();
  }
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = names.map(async (name) =>
    stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
