/** Leaves what persons have suspended where whoever controls the stack looks for it. */
import { mkdir } from 'node:fs/promises';
import { errorCode } from '../../controller/error-code.js';
import { SuspendFile, type SuspendRequests } from '../../reconcilers/suspend/suspend-file.js';
import { CommandError } from '../basics/exit.js';

/** `failed`: what it means when the folder cannot be written, as `nothing is suspended`. */
export async function leaveSuspends(
  stateDir: string,
  requests: SuspendRequests,
  failed: string,
): Promise<void> {
  try {
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
    await new SuspendFile(stateDir).leave(requests);
  } catch (error) {
    throw new CommandError(`${failed}: ${stateDir} cannot be written (${errorCode(error)})`);
  }
}
