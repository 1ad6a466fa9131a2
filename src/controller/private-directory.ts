/** Makes the folders that hold tokens, environment values and requests: nobody but their owner reads them. */
import { mkdir } from 'node:fs/promises';
import { errorCode } from './error-code.js';

const OWNER_ALONE = 0o700;

/** With the folders that it is in; one that is there stays as it is. */
export async function makePrivateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: OWNER_ALONE });
}

/** Rejects with ENOENT where the folder that it is to be in has gone: then so has the stack's, and nothing is made in its place. */
export async function makePrivateSubdirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: OWNER_ALONE });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}
