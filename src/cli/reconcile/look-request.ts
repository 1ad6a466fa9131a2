/** A request to look now, as it lies in the state directory: a file of its own per request, which goes when it is answered. */
import { randomUUID } from 'node:crypto';
import { access, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../controller/error-code.js';
import { makePrivateDirectory } from '../../controller/private-directory.js';
import { CommandError } from '../basics/exit.js';

/** Watched by the controller. */
export function lookRequestsDir(stateDir: string): string {
  return join(stateDir, 'reconcile');
}

export class LookRequest {
  private constructor(readonly path: string) {}

  static async leave(stateDir: string): Promise<LookRequest> {
    const dir = lookRequestsDir(stateDir);
    const path = join(dir, randomUUID());
    try {
      await makePrivateDirectory(dir);
      await writeFile(path, '', { mode: 0o600, flag: 'wx' });
    } catch (error) {
      throw new CommandError(`nothing can be asked for: ${dir} cannot be written (${errorCode(error)})`);
    }
    return new LookRequest(path);
  }

  async isAnswered(): Promise<boolean> {
    return access(this.path).then(
      () => false,
      (error: unknown) => errorCode(error) === 'ENOENT',
    );
  }

  async withdraw(): Promise<void> {
    await rm(this.path, { force: true });
  }
}
