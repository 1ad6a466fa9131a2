/**
 * Owns the bare mirror: a cache of the few commits that are needed, filled from one address.
 * It is thrown away where it is damaged, and nothing that is reconciled lies in it.
 */
import { access, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateDirectory } from '../private-directory.js';
import { gitConfigText, gitEnvironment } from './environment.js';
import { Git } from './git.js';
import { GitFailure, isNothingThatYoung } from './git-failure.js';
import { guardGrowth } from './growth-guard.js';
import { parseRefs, type RemoteRefs, type Target } from './remote-refs.js';
import { plainText, type CommitFacts } from './revision.js';
import { SourceError } from './source-error.js';
import type { SourceSpec } from './source-spec.js';
import { parseTree, type Tree } from './tree.js';

/** What was fetched last, and what is reconciled: all else may go. */
const FETCHED = 'refs/source/fetched';
const APPLIED = 'refs/source/applied';
/** git's word for "all there is". */
const WHOLE = '--depth=2147483647';
const ONE_COMMIT = '--depth=1';
/** A file is taken as it was committed: no line endings, no filters, whatever its .gitattributes say. */
const AS_COMMITTED = '* -text -ident -filter !eol !working-tree-encoding\n';
export const MAX_CHANGED_PATHS = 1_000;

export class Mirror {
  /** The bare repository. */
  readonly gitDir: string;
  readonly git: Git;
  readonly #dir: string;
  readonly #config: string;
  readonly #spec: SourceSpec;

  constructor(spec: SourceSpec, dir: string) {
    this.#spec = spec;
    this.#dir = dir;
    this.gitDir = join(dir, 'mirror.git');
    this.#config = join(dir, 'git.config');
    this.git = new Git({ cwd: dir, environment: gitEnvironment(spec, this.#config, this.gitDir) });
  }

  /** Whether it is where it was made: a person may have removed it. */
  async isThere(): Promise<boolean> {
    try {
      await Promise.all([access(this.#config), access(join(this.gitDir, 'HEAD'))]);
      return true;
    } catch {
      return false;
    }
  }

  /** Makes what is missing and removes what a crash left: nobody else works here (the stack lock). */
  async prepare(signal: AbortSignal): Promise<void> {
    await makePrivateDirectory(this.#dir);
    await writeFile(this.#config, gitConfigText(this.#spec), { mode: 0o600 });
    await removeLeftovers(this.gitDir);
    const init = ['init', '--quiet', '--bare', this.gitDir];
    if (!(await this.#succeeds(init, signal))) {
      await rm(this.gitDir, { recursive: true, force: true });
      await this.git.run(init, { signal });
    }
    await mkdir(join(this.gitDir, 'info'), { recursive: true });
    await writeFile(join(this.gitDir, 'info', 'attributes'), AS_COMMITTED);
  }

  /** Throws the cache away and makes a new one. */
  async renew(signal: AbortSignal): Promise<void> {
    await rm(this.gitDir, { recursive: true, force: true });
    await this.prepare(signal);
  }

  /** What the server has of `patterns`; of all where there are none. */
  async remoteRefs(patterns: readonly string[], signal: AbortSignal): Promise<RemoteRefs> {
    const args = ['ls-remote', '--symref', '--', this.#spec.url, ...patterns];
    try {
      return parseRefs(await this.git.run(args, { signal }));
    } catch (error) {
      // In a mirror without a readable configuration, git does not get as far as to ask the server.
      if (!(error instanceof GitFailure) || (await this.#succeeds(['rev-parse', '--git-dir'], signal)))
        throw error;
      await this.renew(signal);
      return parseRefs(await this.git.run(args, { signal }));
    }
  }

  /** Fetches one thing, one commit deep; returns the revision by which it is found here. */
  async fetch(target: Target, signal: AbortSignal): Promise<string> {
    if (target.kind === 'commit') return this.#fetchCommit(target.commit, signal);
    const here = target.tag === undefined ? FETCHED : target.remote;
    await this.#fetch([`+${target.remote}:${here}`], ONE_COMMIT, signal);
    return here;
  }

  /** What the commit says of itself. */
  async describe(rev: string, signal: AbortSignal): Promise<CommitFacts> {
    const format = '--format=%H%x00%an <%ae>%x00%ct%x00%s';
    const output = await this.git.run(['log', '-1', '--no-show-signature', format, `${rev}^{commit}`], {
      signal,
    });
    const [commit = '', author = '', seconds = '', subject = ''] = output.split('\0');
    return {
      commit,
      author: plainText(author),
      committedAt: new Date(Number(seconds) * 1000).toISOString(),
      subject: plainText(subject),
    };
  }

  async tree(rev: string, signal: AbortSignal): Promise<Tree> {
    return parseTree(
      await this.git.run(['ls-tree', '-r', '-l', '-z', '--full-tree', `${rev}^{commit}`], { signal }),
    );
  }

  async has(commit: string, signal: AbortSignal): Promise<boolean> {
    return this.#succeeds(['cat-file', '-e', `${commit}^{tree}`], signal);
  }

  /** Paths that differ, at most 1,000; undefined where the older one is not here any more. */
  async changedPaths(from: string, to: string, signal: AbortSignal): Promise<string[] | undefined> {
    const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to];
    try {
      const names = (await this.git.run(args, { signal })).split('\0').filter((name) => name !== '');
      return names.slice(0, MAX_CHANGED_PATHS);
    } catch (error) {
      if (error instanceof GitFailure) return undefined;
      throw error;
    }
  }

  /** Keeps `commit` from being cleaned up, and lets go of the one kept before. */
  async keep(commit: string, signal: AbortSignal): Promise<void> {
    await this.git.run(['update-ref', APPLIED, commit], { signal });
  }

  /** Packs what many small fetches brought, if there is much of it. */
  async tidy(signal: AbortSignal): Promise<void> {
    await this.git.run(['gc', '--auto', '--quiet'], { signal });
  }

  /** True if `from` is no part of the history of `to`: asks the server for no more than what is younger than it. */
  async isRewritten(target: Target, from: CommitFacts, to: string, signal: AbortSignal): Promise<boolean> {
    if (target.kind === 'commit' || target.tag !== undefined) return false;
    const [header = ''] = (await this.git.run(['cat-file', 'commit', to], { signal })).split('\n\n', 1);
    if (header.includes(`parent ${from.commit}`)) return false;
    const since = Math.floor(Date.parse(from.committedAt) / 1000) - 1;
    const refspec = `+${target.remote}:${FETCHED}`;
    try {
      await this.#fetch([refspec], `--shallow-since=${String(since)}`, signal);
    } catch (error) {
      // The branch was set back: nothing in it is that young.
      if (error instanceof GitFailure && isNothingThatYoung(error)) return true;
      throw error;
    }
    return !(await this.#succeeds(['merge-base', '--is-ancestor', from.commit, to], signal));
  }

  /** A server may hide commits that no ref names, and knows no short ones: then all of it has to come. */
  async #fetchCommit(commit: string, signal: AbortSignal): Promise<string> {
    if (await this.has(commit, signal)) return commit;
    try {
      if (commit.length === 40) {
        await this.#fetch([`+${commit}:${FETCHED}`], ONE_COMMIT, signal);
        return commit;
      }
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
    }
    await this.#fetch(
      ['+refs/heads/*:refs/source/heads/*', '+refs/tags/*:refs/source/tags/*'],
      WHOLE,
      signal,
    );
    if (await this.has(commit, signal)) return commit;
    throw new SourceError('RefNotFound', `there is no branch, tag or commit "${commit}"`);
  }

  async #fetch(refspecs: readonly string[], depth: string, signal: AbortSignal): Promise<void> {
    await removeLeftovers(this.gitDir);
    // Not quiet: simple-git waits 50 ms for a command that writes nothing.
    const options = ['--force', '--no-tags', '--no-write-fetch-head', '--update-shallow'];
    const args = ['fetch', ...options, depth, '--', this.#spec.url, ...refspecs];
    await guardGrowth(join(this.gitDir, 'objects', 'pack'), this.#spec.limits.maxBytes, (tooMuch) =>
      this.git.run(args, { signal: AbortSignal.any([signal, tooMuch]) }),
    );
  }

  async #succeeds(args: readonly string[], signal: AbortSignal): Promise<boolean> {
    try {
      await this.git.run(args, { signal });
      return true;
    } catch (error) {
      if (error instanceof GitFailure) return false;
      throw error;
    }
  }
}

/** Locks and half packs of a git that was killed would stop every later one. */
async function removeLeftovers(gitDir: string): Promise<void> {
  const names = await readdir(gitDir, { recursive: true }).catch(() => []);
  const left = names.filter((name) => name.endsWith('.lock') || /(^|\/)(tmp_[^/]+|gc\.pid)$/.test(name));
  await Promise.all(left.map((name) => rm(join(gitDir, name), { force: true, recursive: true })));
}
