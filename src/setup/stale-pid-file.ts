/**
 * Clears pid files that a killed daemon left behind when their number meanwhile belongs to another program:
 * dockerd takes such a process for itself and refuses to start, and would even kill what it takes for its containerd.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface PidFile {
  readonly path: string;
  /** The name of the program that writes it. */
  readonly program: string;
}

/** Those of an engine at its default place. */
export const ENGINE_PID_FILES: readonly PidFile[] = [
  { path: '/var/run/docker.pid', program: 'dockerd' },
  { path: '/var/run/docker/containerd/containerd.pid', program: 'containerd' },
];

/** Removes the file unless the process it names is `program`; a missing file is fine. Resolves with whether it did. */
export async function removeStalePidFile(file: PidFile, procDirectory = '/proc'): Promise<boolean> {
  const pid = (await readText(file.path))?.trim();
  if (pid === undefined) return false;
  const running = await readText(join(procDirectory, pid, 'comm'));
  if (running?.trim() === file.program) return false;
  await rm(file.path, { force: true });
  return true;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
