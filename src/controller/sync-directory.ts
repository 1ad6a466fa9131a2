/** Makes a creation, renaming or removal in a directory survive a power cut. */

import { open } from 'node:fs/promises';

/** Fsyncs the directory at `path`; rejects with the system's error. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
