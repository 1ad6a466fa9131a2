/**
 * Owns `revisions/` and `current`: each commit in a folder of its own, written aside and renamed when it is whole.
 * A folder with the name of a commit is never half; it is never written to again.
 */
import { randomUUID } from 'node:crypto';
import { access, lstat, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../error-code.js';
import { makePrivateDirectory } from '../private-directory.js';
import { syncDirectory } from '../sync-directory.js';
import type { Git, GitCall } from './git.js';
import { GitFailure } from './git-failure.js';
import type { Links, Tree } from './tree.js';

/** No commit's name ends so. */
const ASIDE = '~';

export class Revisions {
  readonly #dir: string;
  readonly #git: Git;

  constructor(dir: string, git: Git) {
    this.#dir = dir;
    this.#git = git;
  }

  folder(commit: string): string {
    return join(this.#dir, 'revisions', commit);
  }

  /** The folder of `commit`, made if it is not there; `check` sees it before it gets its name, and may refuse it by throwing. */
  async make(commit: string, check: (aside: string) => Promise<void>, signal: AbortSignal): Promise<string> {
    const folder = this.folder(commit);
    if (await this.isWhole(commit, signal)) return folder;
    // A name of its own: a git that outlived a killed controller may still write under the last one.
    const aside = `${folder}.${randomUUID()}${ASIDE}`;
    const index = `${aside}.index${ASIDE}`;
    await makePrivateDirectory(aside);
    try {
      await checkOut(this.#git, { commit, folder: aside, index }, signal);
      await check(aside);
    } catch (error) {
      await this.#remove(aside);
      throw error;
    }
    await this.#remove(folder);
    await rename(aside, folder);
    await syncDirectory(join(this.#dir, 'revisions'));
    return folder;
  }

  /** Whether the folder has every file of its commit, unchanged: a power cut or a person may have been at it. */
  async isWhole(commit: string, signal: AbortSignal): Promise<boolean> {
    const folder = this.folder(commit);
    const index = `${folder}.check${ASIDE}`;
    try {
      await lstat(folder);
      await this.#git.run(['read-tree', commit], { signal, ...at(folder, index) });
      const refresh = ['update-index', '--ignore-submodules', '--refresh'];
      await this.#git.run(refresh, { signal, ...at(folder, index) });
      return true;
    } catch (error) {
      if (error instanceof GitFailure || errorCode(error) === 'ENOENT') return false;
      throw error;
    } finally {
      await this.#remove(index);
    }
  }

  /** Whether there is a folder for `commit`. */
  async isThere(commit: string): Promise<boolean> {
    const stats = await lstat(this.folder(commit)).catch(() => undefined);
    return stats?.isDirectory() ?? false;
  }

  /** Whether the folder for `commit` has something at `path`. */
  async has(commit: string, path: string): Promise<boolean> {
    return access(join(this.folder(commit), path)).then(
      () => true,
      () => false,
    );
  }

  /** Switches `current` over in one step. */
  async point(commit: string): Promise<void> {
    const link = join(this.#dir, 'current');
    await rm(`${link}${ASIDE}`, { force: true });
    await symlink(join('revisions', commit), `${link}${ASIDE}`);
    await rename(`${link}${ASIDE}`, link);
    await syncDirectory(this.#dir);
  }

  /** Nothing is current any more. */
  async unpoint(): Promise<void> {
    await rm(join(this.#dir, 'current'), { force: true });
  }

  /** Removes every folder but these, halves of an earlier life included; what cannot be removed now waits for the next call. */
  async keepOnly(commits: ReadonlySet<string>): Promise<void> {
    const names = await readdir(join(this.#dir, 'revisions')).catch(() => []);
    const rest = names.filter((name) => !commits.has(name));
    await Promise.allSettled(rest.map((name) => this.#remove(join(this.#dir, 'revisions', name))));
  }

  async #remove(...paths: readonly string[]): Promise<void> {
    await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true, maxRetries: 3 })));
  }
}

/** Lays the files of `commit` into an empty folder; `index` is removed again. */
export async function checkOut(
  git: Git,
  { commit, folder, index }: { readonly commit: string; readonly folder: string; readonly index: string },
  signal: AbortSignal,
): Promise<void> {
  try {
    // With its trace, as simple-git waits 50 ms for a command that writes nothing.
    const environment = { ...at(folder, index).environment, GIT_TRACE: '1' };
    await git.run(['read-tree', '--reset', '-u', commit], { signal, environment });
  } finally {
    await rm(index, { force: true });
  }
}

/** git's work tree and an index of its own: the mirror has neither. */
function at(folder: string, index: string): Required<Pick<GitCall, 'environment'>> {
  return { environment: { GIT_WORK_TREE: folder, GIT_INDEX_FILE: index } };
}

/** Where each link of the commit points, read from its folder. */
export async function readLinks(folder: string, tree: Tree): Promise<Links> {
  const paths = [...tree].filter(([, { kind }]) => kind === 'link').map(([path]) => path);
  const links = paths.map(async (path) => [path, await readlink(join(folder, path))] as const);
  return new Map(await Promise.all(links));
}
