/** Writes the report: a file whole or not at all; straight into what is no file (a pipe, /dev/stdout). */
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncDirectory } from '../../controller/sync-directory.js';

/** True where a file was written; rejects with a system error, and what was there before is then still there. */
export async function writeReport(path: string, text: string): Promise<boolean> {
  const before = await stat(path).catch(() => undefined);
  if (before !== undefined && !before.isFile()) {
    await writeFile(path, text);
    return false;
  }
  await replaceWhole(before === undefined ? path : await realpath(path), text);
  return true;
}

async function replaceWhole(path: string, text: string): Promise<void> {
  const aside = join(dirname(path), `.${basename(path)}.${String(process.pid)}.tmp`);
  await rm(aside, { force: true });
  try {
    const file = await open(aside, 'wx', 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    // People know the report's name, not the one that it has until it is whole.
    if (error instanceof Error && 'path' in error) error.path = path;
    throw error;
  }
  await syncDirectory(dirname(path));
}
