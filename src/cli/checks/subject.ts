/** What both `validate` and `doctor` look at first: the manifest as it stands, and the engine as far as it answers. */
import { knownStack } from '../basics/known-stack.js';
import { copiedNotes } from '../basics/own-notes.js';
import { stackPaths, type CommonOptions } from '../basics/paths.js';
import { openEngine, type EngineAccess } from './engine-access.js';
import { lookAtManifest, type ManifestLook } from './manifest-look.js';

export interface Subject {
  readonly manifest: ManifestLook;
  readonly access: EngineAccess;
}

export async function openSubject(options: CommonOptions, stop: AbortSignal): Promise<Subject> {
  const paths = stackPaths(options);
  const isCopy = (await copiedNotes(paths)) !== undefined;
  const runsAs = isCopy ? undefined : (await knownStack(paths.stateDir))?.name;
  const [manifest, access] = await Promise.all([
    lookAtManifest(paths.manifest, runsAs),
    openEngine(options, stop),
  ]);
  return { manifest, access };
}
