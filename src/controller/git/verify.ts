/** Whether a revision is signed with a key that the host trusts. Keys come from the host's folder alone, and are read anew each time. */

import { verifyGpg } from './verify-gpg.js';
import { readTrustedKeys } from './verify-keys.js';
import { signedCommit, signedTag, type VerifyTarget } from './verify-object.js';
import { VerifyPrograms } from './verify-programs.js';
import { refused, type Verification } from './verify-result.js';
import { verifySsh } from './verify-ssh.js';

export type { Verification } from './verify-result.js';

export interface VerifyOptions {
  /** `head`: the commit's own signature; `tag`: that of the annotated tag which led to it. */
  readonly mode: 'head' | 'tag';
  /** Folder of the host: `*.pub`, `allowed_signers`, `revoked` (SSH), `*.asc`, `*.gpg` (OpenPGP). */
  readonly keys: string;
}

/**
 * `gitDir`: a bare repository that has the commit (and `refs/tags/<tag>`). Whatever a repository or a key holds is an answer;
 * rejects where git, gpg or ssh-keygen is not installed (`SourceError`), the commit is not there, or `signal` fires.
 */
export async function verifyRevision(
  gitDir: string,
  target: VerifyTarget,
  verify: VerifyOptions,
  signal: AbortSignal,
): Promise<Verification> {
  const keys = await readTrustedKeys(verify.keys, Date.now());
  if (keys === undefined)
    return refused(
      'NoKeys',
      `there is no key in ${verify.keys}: put public keys of those whom you trust there (*.pub, *.asc)`,
    );
  return VerifyPrograms.use(gitDir, signal, async (programs) => {
    const find = verify.mode === 'head' ? signedCommit : signedTag;
    const object = await find(programs, target);
    if (!object.ok) return object;
    switch (object.kind) {
      case 'ssh':
        return verifySsh(programs, object, keys);
      case 'openpgp':
        return verifyGpg(programs, object, keys);
      case 'x509':
        return refused(
          'UnknownKey',
          `${object.name} is signed with an X.509 certificate, which cannot be trusted here: sign with an SSH or OpenPGP key`,
        );
    }
  });
}
