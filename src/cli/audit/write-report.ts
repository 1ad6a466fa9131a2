/** Writes the report: a file whole or not at all; straight into what is no file (a pipe, /dev/stdout). */
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { namingFile } from '../../controller/naming-file.js';
import { syncDirectory } from '../../controller/sync-directory.js';

/** True where a file was written; rejects with a system error, and what was there before is then still there. */
export async function writeReport(path: string, text: string): Promise<boolean> {
  const before = await stat(path).catch(() => undefined);
  if (before !== undefined && !before.isFile()) {
    await namingFile(path, writeFile(path, text));
    return false;
  }
  const whole = before === undefined ? path : await realpath(path);
  await namingFile(whole, replaceWhole(whole, text));
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
    throw error;
  }
  await syncDirectory(dirname(path));
}
