/** Which policy engines may decide: those that answer our token by a set that passed its check. */
import type { Believes } from '../observed/policy-engine-watch.js';
import type { PolicyArchive } from './policy-archive.js';
import { revisionAt } from './revision-at.js';

export function believedEngines(token: string, archive: Pick<PolicyArchive, 'find'>): Believes {
  return async (port, revision) =>
    (await archive.find(revision)) !== undefined && (await revisionAt(port, token)) === revision;
}
