/** Manifest and policies of one commit, as a tick reads them. */
import { join } from 'node:path';
import type { GitSource } from '../../controller/git/git-source.js';
import type { Revision } from '../../controller/git/revision.js';
import type { StackSource } from '../../reconcilers/stack-source.js';
import { policiesDir, stackPaths, type CommonOptions } from '../basics/paths.js';

/** `path`: of the manifest in the repository. Before the first revision there is no manifest to read. */
export function gitStackSource(
  git: Pick<GitSource, 'now' | 'settled'>,
  path: string,
  options: CommonOptions,
): StackSource {
  let pinned: Revision | undefined;
  const now = () => {
    const seen = git.now();
    pinned = seen.revision;
    const manifest = pinned === undefined ? stackPaths(options).manifest : join(pinned.dir, path);
    const policiesFor = (stack: Parameters<typeof policiesDir>[1]) =>
      policiesDir({ ...options, manifest }, stack);
    return { manifest, policiesFor, git: seen };
  };
  const settled = async () => {
    if (pinned !== undefined) await git.settled(pinned.commit);
  };
  return { now, revision: () => pinned, settled };
}
