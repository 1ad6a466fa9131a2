/** Manifest and policies of one commit, as a tick reads them. */
import { join } from 'node:path';
import type { GitSource } from '../../controller/git/git-source.js';
import type { Revision } from '../../controller/git/revision.js';
import type { ToldRevision } from '../../reconcilers/policy/source-fact.js';
import type { SourceSight, StackSource } from '../../reconcilers/stack-source.js';
import { policiesDir, stackPaths, type CommonOptions } from '../basics/paths.js';

/** `path`: of the manifest in the repository. Before the first revision there is no manifest to read. */
export function gitStackSource(
  git: Pick<GitSource, 'now' | 'settled'>,
  path: string,
  options: CommonOptions,
): StackSource {
  let pinned: Revision | undefined;
  let held: ToldRevision | undefined;
  const now = () => {
    const seen = git.now();
    pinned = seen.revision;
    return { ...placesOf(pinned, path, options), git: seen };
  };
  const settled = async () => {
    if (pinned !== undefined) await git.settled(pinned.commit);
  };
  const hold = (revision: ToldRevision | undefined) => void (held = revision);
  return { now, revision: () => pinned, hold, held: () => held, settled };
}

/** Where a revision has its manifest and its policies. */
export function placesOf(
  revision: Revision | undefined,
  path: string,
  options: CommonOptions,
): Pick<SourceSight, 'manifest' | 'policiesFor'> {
  const manifest = revision === undefined ? stackPaths(options).manifest : join(revision.dir, path);
  return { manifest, policiesFor: (stack) => policiesDir({ ...options, manifest }, stack) };
}
