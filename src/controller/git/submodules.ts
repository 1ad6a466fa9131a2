/**
 * Finds and fetches the commits that a commit names as its submodules, theirs included: each from a mirror of its own.
 * A submodule is a stranger: it gets the credentials of its own server only, and nothing of this host's disk.
 */
import { createHash } from 'node:crypto';
import { join, posix, resolve } from 'node:path';
import { makePrivateDirectory } from '../private-directory.js';
import { isLocal, readAddress } from './address.js';
import { GitFailure } from './git-failure.js';
import { Mirror } from './mirror.js';
import { checkOut } from './revisions.js';
import { SourceError } from './source-error.js';
import type { SourceSpec } from './source-spec.js';
import type { Tree } from './tree.js';

/** One commit to be laid into the folder of the whole. */
export interface Part {
  /** Where in the folder; empty for the repository itself. */
  readonly at: string;
  readonly mirror: Mirror;
  readonly spec: SourceSpec;
  readonly commit: string;
  readonly tree: Tree;
}

/** Deeper is a loop. */
const MAX_DEPTH = 5;

/** Every submodule below `part`, in the order in which they have to be laid out. */
export async function fetchSubmodules(
  part: Part,
  dir: string,
  signal: AbortSignal,
  depth = 0,
): Promise<Part[]> {
  const entries = [...part.tree].filter(([, { kind }]) => kind === 'submodule');
  if (entries.length === 0) return [];
  if (depth >= MAX_DEPTH) throw refused(part.at, 'is nested too deeply');
  const urls = await readUrls(part, signal);
  const found: Part[] = [];
  for (const [path, { object }] of entries) {
    const at = posix.join(part.at, path);
    const spec = specOf(part.spec, urls.get(path), at);
    const mirror = await openMirror(spec, dir, signal);
    await mirror.fetch({ kind: 'commit', commit: object }, signal);
    const sub = { at, mirror, spec, commit: object, tree: await mirror.tree(object, signal) };
    found.push(sub, ...(await fetchSubmodules(sub, dir, signal, depth + 1)));
  }
  return found;
}

/** The files of all parts as one tree, with their paths in the whole. */
export function wholeTree(parts: readonly Part[]): Tree {
  return new Map(
    parts.flatMap(({ at, tree }) =>
      [...tree].map(([path, entry]) => [at === '' ? path : `${at}/${path}`, entry]),
    ),
  );
}

/** Lays the submodules into `folder`, where git has made an empty folder for each. */
export async function layOut(parts: readonly Part[], folder: string, signal: AbortSignal): Promise<void> {
  for (const { at, mirror, commit } of parts) {
    const index = `${folder}.module.index~`;
    await checkOut(mirror.git, { commit, folder: join(folder, at), index }, signal);
  }
}

async function openMirror(spec: SourceSpec, dir: string, signal: AbortSignal): Promise<Mirror> {
  const name = createHash('sha256').update(spec.url).digest('hex').slice(0, 16);
  const home = join(dir, 'modules', name);
  await makePrivateDirectory(home);
  const mirror = new Mirror(spec, home);
  await mirror.prepare(signal);
  return mirror;
}

/** Path to URL, as .gitmodules of the commit has them. */
async function readUrls({ mirror, commit, at }: Part, signal: AbortSignal): Promise<Map<string, string>> {
  const args = [
    'config',
    '-z',
    '--blob',
    `${commit}:.gitmodules`,
    '--get-regexp',
    '^submodule\\..*\\.(path|url)$',
  ];
  const output = await mirror.git.run(args, { signal }).catch((error: unknown) => {
    if (error instanceof GitFailure) throw refused(at, 'has submodules and no readable .gitmodules');
    throw error;
  });
  const values = new Map(
    output.split('\0').map((row) => [row.slice(0, row.indexOf('\n')), row.slice(row.indexOf('\n') + 1)]),
  );
  return new Map(
    [...values]
      .filter(([key]) => key.endsWith('.path'))
      .map(([key, path]) => [path, values.get(key.replace(/path$/, 'url')) ?? '']),
  );
}

function specOf(parent: SourceSpec, written: string | undefined, at: string): SourceSpec {
  if (written === undefined || written === '') throw refused(at, 'has no URL in .gitmodules');
  const address = readAddress(/^\.\.?\//.test(written) ? besides(parent.url, written) : written, '/');
  if ('problem' in address) throw refused(at, address.problem);
  if (isLocal(address.url) && !isLocal(parent.url)) throw refused(at, 'names a path of this host');
  const { credentials, ...rest } = parent;
  const isSameServer = serverOf(address.url) === serverOf(parent.url);
  return { ...rest, url: address.url, ...(isSameServer && credentials && { credentials }) };
}

/** A relative URL counts from the repository as if it were a folder. */
function besides(parent: string, relative: string): string {
  if (isLocal(parent)) return resolve(parent, relative);
  if (URL.canParse(parent) && parent.includes('://')) return new URL(relative, `${parent}/`).href;
  const colon = parent.indexOf(':');
  return `${parent.slice(0, colon)}:${posix.join(parent.slice(colon + 1), relative)}`;
}

/** With its protocol: a token for https is not sent over http. */
function serverOf(url: string): string {
  if (isLocal(url)) return '';
  if (!url.includes('://')) return url.slice(0, url.indexOf(':'));
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

function refused(at: string, why: string): SourceError {
  return new SourceError('PathRefused', `the submodule "${at}" ${why}`);
}
