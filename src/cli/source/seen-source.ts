/** The source as commands see it that only look: what a controller that starts now takes up, before it asks the repository. */
import { join } from 'node:path';
import { deletedWords } from '../../controller/git/health.js';
import type { Revision } from '../../controller/git/revision.js';
import { followedSource, SourceMemory } from '../../controller/git/source-memory.js';
import type { SourceSight } from '../../reconcilers/stack-source.js';
import type { CommonOptions, StackPaths } from '../basics/paths.js';
import { fileSource } from '../loop/file-source.js';
import { placesOf } from './git-stack-source.js';
import { comesFromGit, sourceDir } from './links.js';
import { sourceSpec } from './source-options.js';

export interface SeenSource extends Pick<SourceSight, 'manifest' | 'policiesFor'> {
  /** What the policies are told of; absent for a plain file. */
  readonly revision?: Revision;
  /** Why nothing of the stack is wished for any more, in a sentence. */
  readonly removal?: string;
}

/** Whether `--prune` was given, only what was noted can tell; where there is a source.yaml, that says it. */
export async function seenSource(options: CommonOptions, paths: StackPaths): Promise<SeenSource> {
  const plain = fileSource(options).now();
  if (!(await comesFromGit(paths))) return plain;
  const dir = sourceDir(paths);
  const spec = await sourceSpec(options, paths);
  const followed = spec ?? (await followedSource(dir));
  const noted = followed && (await new SourceMemory(followed, dir).read());
  if (followed === undefined || noted === undefined) return plain;
  const revision = { ...noted.revision, dir: join(dir, 'revisions', noted.revision.commit) };
  const deletion = spec?.prune === false ? undefined : noted.deletion;
  return {
    ...placesOf(revision, followed.path, options),
    revision,
    ...(deletion === undefined ? {} : { removal: deletedWords(deletion, followed.path) }),
  };
}
