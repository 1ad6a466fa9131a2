/** Runs OPA once, in a throw-away container of the stack's own image, on files that are put into it. */
import type { ContainerFile } from '../docker/engine.js';
import { runThrowAway, type ThrowAwayPlace, type ThrowAwayRun } from '../throw-away.js';
import type { CommandOutput } from './check-policies.js';
import { BUNDLE_DIR } from './policy-bundle.js';
import type { PolicyFile } from './policy-files.js';

/** OPA needs far less for its own tests; a set that needs more has gone wild. */
export const MEMORY_BYTES = 512 * 1024 * 1024;
/** It lives for a second. Measured: never collecting garbage takes a third more processor time, because every page is a new one. */
const GO_MEMORY = { GOGC: '200', GOMEMLIMIT: '384MiB' };

/** Policy files where an OPA container expects its bundle. */
export function bundleFiles(files: readonly PolicyFile[]): ContainerFile[] {
  return files.map(({ path, content }) => containerFile(`${BUNDLE_DIR}/${path}`, content));
}

export function containerFile(path: string, content: Buffer): ContainerFile {
  return { path, content, mode: 0o644, uid: 0 };
}

export type Run = Pick<ThrowAwayRun, 'suffix' | 'args' | 'files' | 'maxLines' | 'streams' | 'onPrinted'>;

export async function runOpa(place: ThrowAwayPlace, run: Run): Promise<CommandOutput> {
  const { exitCode, output } = await runThrowAway(place, {
    ...run,
    memoryBytes: MEMORY_BYTES,
    env: GO_MEMORY,
  });
  return { stdout: output, stderr: output, exitCode };
}
