/**
 * A real file system that is really full: a tmpfs of 64 KiB, where mounting is allowed (as in CI).
 * Elsewhere the tests with a file-size limit in `controller-history-crash.test.ts`, which need no rights, stand in for it.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from '../unit/controller/temporary-directory.js';

/** True if this process may mount a file system. */
export const canMount = tryMount();

/** Fills the disk to the last byte; returns what empties it again. */
export type Fill = () => Promise<() => Promise<void>>;

/** Runs `body` in a directory on a disk of 64 KiB. */
export async function withTinyDisk(body: (directory: string, fill: Fill) => Promise<void>): Promise<void> {
  const directory = await temporaryDirectory();
  mount(directory);
  onTestFinished(() => void execFileSync('umount', ['-l', directory]));
  await body(directory, () => fillDisk(directory));
}

function mount(directory: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory], { stdio: 'ignore' });
}

function tryMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'swiftdeploy-mount-'));
  try {
    mount(directory);
    execFileSync('umount', [directory]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(directory);
  }
}

async function fillDisk(directory: string) {
  const filler = join(directory, 'filler');
  await writeFile(filler, Buffer.alloc(128 * 1024)).catch(() => undefined);
  const { size } = await stat(filler);
  if (size >= 128 * 1024) throw new Error('the disk is not tiny');
  return () => rm(filler);
}
