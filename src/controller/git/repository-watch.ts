/** What in a local repository changes when somebody pushes or commits; bare or not is told by what is there. */
import { join } from 'node:path';

/** Paths for a `FileTrigger`; those that a repository does not have are awaited. */
export function refPaths(repository: string): string[] {
  return [repository, join(repository, '.git')].flatMap((gitDir) =>
    ['HEAD', 'packed-refs', join('refs', 'heads'), join('refs', 'tags')].map((name) => join(gitDir, name)),
  );
}
