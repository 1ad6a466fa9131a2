/** Leaves what persons have suspended where whoever controls the stack looks for it. */
import { errorCode } from '../../controller/error-code.js';
import { makePrivateDirectory } from '../../controller/private-directory.js';
import { SuspendFile, type SuspendRequests } from '../../reconcilers/suspend/suspend-file.js';
import { CommandError } from '../basics/exit.js';

/** `failed`: what it means when the folder cannot be written, as `nothing is suspended`. */
export async function leaveSuspends(
  stateDir: string,
  requests: SuspendRequests,
  failed: string,
): Promise<void> {
  try {
    await makePrivateDirectory(stateDir);
    await new SuspendFile(stateDir).leave(requests);
  } catch (error) {
    throw new CommandError(`${failed}: ${stateDir} cannot be written (${errorCode(error)})`);
  }
}
