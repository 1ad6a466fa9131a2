/**
 * Changes one file at the head of a followed branch: fetched, edited, committed and pushed, each time from a mirror of its own that
 * is thrown away. Never forces; where somebody else was faster, it begins again from what they pushed. It knows no manifest.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkCredentials } from './credentials.js';
import { pushConfigText } from './environment.js';
import { explainFailure, GitFailure, isOvertaken, refusalOf } from './git-failure.js';
import { Mirror } from './mirror.js';
import { chooseTarget, nothingToFollow, refPatterns, type Target } from './remote-refs.js';
import { refText } from './ref.js';
import type { SourceSpec } from './source-spec.js';

/** Shown as it stands; nothing was pushed. */
export class WriteBackRefused extends Error {
  override readonly name = 'WriteBackRefused';
}

/** Shown as it stands; the time was over, perhaps while a push was on its way. */
export class WriteBackLate extends Error {
  override readonly name = 'WriteBackLate';
}

export interface WriteBack {
  readonly spec: SourceSpec;
  /** What the file becomes; undefined where it is so already. May be asked again; throws what speaks against it. */
  readonly edit: (bytes: Buffer) => Buffer | undefined;
  readonly message: string;
  readonly author: Author;
  /** Until it fires, whoever was overtaken tries again. */
  readonly signal: AbortSignal;
}

export interface Author {
  readonly name: string;
  readonly email: string;
}

export interface WrittenBack {
  readonly branch: string;
  /** The head of the branch: what was pushed, or what was there where nothing was to be changed. */
  readonly commit: string;
  readonly isNew: boolean;
}

const PAUSE_MS = 500;
const HEADS = 'refs/heads/';

/** Throws `WriteBackRefused`, `WriteBackLate`, or what `edit` throws. */
export async function writeBack(work: WriteBack): Promise<WrittenBack> {
  const { spec, signal } = work;
  const dir = await mkdtemp(join(tmpdir(), 'swiftdeploy-write-back-'));
  const heads = new Set<string>();
  let clean = (text: string): string => text;
  try {
    clean = await checkCredentials(spec.credentials);
    const mirror = new Mirror(spec, dir);
    await mirror.prepare(signal);
    await writeFile(join(dir, 'push.config'), pushConfigText(spec), { mode: 0o600 });
    for (;;) {
      const written = await tryOnce(work, mirror, { dir, heads });
      if (written !== undefined) return written;
    }
  } catch (error) {
    if (signal.aborted) throw new WriteBackLate(lateWords(spec, heads.size - 1));
    if (!(error instanceof GitFailure)) throw error;
    const refusal = refusalOf(error);
    const why = refusal === undefined ? explainFailure(error, clean).message : clean(refusal);
    throw new WriteBackRefused(`${spec.url}: ${why}`);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function lateWords({ url, ref }: SourceSpec, pushes: number): string {
  const often = pushes === 1 ? 'once' : `${String(pushes)} times`;
  const others = pushes > 0 ? `: others pushed to ${refText(ref)} ${often} meanwhile` : '';
  return `${url} did not take the commit in time${others}; try again`;
}

interface Attempts {
  readonly dir: string;
  /** What the branch was seen at. */
  readonly heads: Set<string>;
}

/** Undefined where somebody else was faster. */
async function tryOnce(
  work: WriteBack,
  mirror: Mirror,
  { dir, heads }: Attempts,
): Promise<WrittenBack | undefined> {
  const { spec, signal } = work;
  const target = await branchOf(spec, mirror, signal);
  // Whoever pushes may still hold the branch's lock.
  if (heads.has(target.commit)) await sleep(PAUSE_MS, undefined, { signal });
  heads.add(target.commit);
  const branch = target.remote.slice(HEADS.length);
  const rev = await mirror.fetch(target, signal);
  const { commit: parent } = await mirror.describe(rev, signal);
  const commit = await commitEdit(work, mirror, { parent, dir });
  if (commit === undefined) return { branch, commit: parent, isNew: false };
  const environment = { GIT_CONFIG_GLOBAL: join(dir, 'push.config') };
  try {
    await mirror.git.run(['push', '--', spec.url, `${commit}:${target.remote}`], { signal, environment });
  } catch (error) {
    if (error instanceof GitFailure && isOvertaken(error)) return undefined;
    throw error;
  }
  return { branch, commit, isNew: true };
}

/** What moves by itself, or never does, is nothing to commit to. */
async function branchOf(
  { ref }: SourceSpec,
  mirror: Mirror,
  signal: AbortSignal,
): Promise<Extract<Target, { kind: 'ref' }>> {
  const target =
    ref.kind === 'semver' ? undefined : chooseTarget(ref, await mirror.remoteRefs(refPatterns(ref), signal));
  if (target?.kind === 'ref' && target.remote.startsWith(HEADS)) return target;
  if (target === undefined && ref.kind !== 'semver')
    throw nothingToFollow(ref, await mirror.remoteRefs([], signal));
  throw new WriteBackRefused(
    `${refText(ref)} is followed, which is no branch: make the change on a branch, and ${target?.kind === 'commit' ? 'follow its commit' : 'tag it'}`,
  );
}

interface Place {
  readonly parent: string;
  readonly dir: string;
}

/** The new commit; undefined where the file is so already. */
async function commitEdit(
  { spec: { path }, edit, message, author, signal }: WriteBack,
  { git }: Mirror,
  { parent, dir }: Place,
): Promise<string | undefined> {
  const folder = join(dir, randomUUID());
  await mkdir(folder);
  const environment = { GIT_WORK_TREE: folder, GIT_INDEX_FILE: `${folder}.index` };
  const run = async (...args: string[]) => (await git.run(args, { signal, environment })).trim();
  await run('read-tree', parent);
  const [mode = ''] = (await run('ls-files', '--stage', '--', `:(literal)${path}`)).split(' ');
  if (!mode.startsWith('100'))
    throw new WriteBackRefused(`${path} is no file of its own in ${parent.slice(0, 7)}: change it by hand`);
  await run('checkout-index', '--force', '--', path);
  const file = join(folder, path);
  const edited = edit(await readFile(file));
  if (edited === undefined) return undefined;
  await writeFile(file, edited);
  const blob = await run('hash-object', '-w', '--no-filters', '--', file);
  await run('update-index', '--cacheinfo', `${mode},${blob},${path}`);
  const tree = await run('write-tree');
  const who = ['-c', `user.name=${author.name}`, '-c', `user.email=${author.email}`];
  return run(...who, 'commit-tree', tree, '-p', parent, '-m', message);
}
