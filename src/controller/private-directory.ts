/** Makes the folders that hold tokens, environment values and requests: nobody but their owner reads them. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from './error-code.js';

const OWNER_ALONE = 0o700;

/** With the folders that it is in; one that is there stays as it is. */
export async function makePrivateDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: OWNER_ALONE });
  } catch (error) {
    // Of a file system that is read-only, Node says for `recursive` that nothing is there.
    if (errorCode(error) === 'ENOENT') await mkdir(topmostMissing(path), { mode: OWNER_ALONE });
    throw error;
  }
}

function topmostMissing(path: string): string {
  const parent = dirname(path);
  return parent === path || existsSync(parent) ? path : topmostMissing(parent);
}

/** Rejects with ENOENT where the folder that it is to be in has gone: then so has the stack's, and nothing is made in its place. */
export async function makePrivateSubdirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: OWNER_ALONE });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}
