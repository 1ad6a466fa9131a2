/** Which policy engines may decide: those that answer their own token by a set that passed its check. */
import type { Believes } from '../observed/policy-engine-watch.js';
import type { PolicyArchive } from './policy-archive.js';
import { instanceToken } from './instance-token.js';
import { revisionAt } from './revision-at.js';

/** `key`: the stack's, of which each engine's token is made. */
export function believedEngines(key: string, archive: Pick<PolicyArchive, 'find'>): Believes {
  return async ({ id, port }, revision) =>
    (await archive.find(revision)) !== undefined &&
    (await revisionAt(port, instanceToken(key, id))) === revision;
}
