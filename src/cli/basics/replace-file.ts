/** Replaces a file by a rename in its own directory: a reader, and a crash, sees the old or the new one, whole. */
import { access, constants, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../../controller/error-code.js';
import { syncDirectory } from '../../controller/sync-directory.js';
import { CommandError } from './exit.js';

/** Keeps mode, owner and links; throws a `CommandError` when the file is not as `before` any more, or cannot be written. */
export async function replaceFile(path: string, before: Buffer, after: Buffer): Promise<void> {
  try {
    await replace(await realpath(path), before, after);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${path} cannot be written (${errorCode(error)}): nothing was changed`);
  }
}

async function replace(path: string, before: Buffer, after: Buffer): Promise<void> {
  await access(path, constants.W_OK);
  const aside = join(dirname(path), `.${basename(path)}.${String(process.pid)}.tmp`);
  try {
    await writeLike(path, aside, after);
    if (!(await readFile(path)).equals(before))
      throw new CommandError(`${path} was changed by somebody else just now: look at it and try again`);
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** The owner is kept where we may give files away. */
async function writeLike(path: string, aside: string, content: Buffer): Promise<void> {
  const { mode, uid, gid } = await stat(path);
  await rm(aside, { force: true });
  const file = await open(aside, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.chown(uid, gid).catch(() => undefined);
    await file.chmod(mode & 0o7777);
    await file.sync();
  } finally {
    await file.close();
  }
}
