/**
 * Which directories must be watched to notice every change of a path, links included.
 * Directories, not files: a file that is replaced by rename leaves a watch on the old one deaf.
 */

import { lstat, readdir, readlink } from 'node:fs/promises';
import { isAbsolute, join, parse, resolve, sep } from 'node:path';

const MAX_LINKS = 40;
const MAX_TREE_DIRECTORIES = 500;

/** INVARIANT: every directory in `directories` existed when it was looked at. */
export interface WatchTargets {
  /** Path to identity (`dev:ino:birthtime`): a directory that was made anew needs a new watch. */
  readonly directories: ReadonlyMap<string, string>;
  /** Entries of those directories whose change matters. */
  readonly entries: ReadonlySet<string>;
  /** Directories in which every entry matters. */
  readonly trees: ReadonlySet<string>;
}

interface Collected {
  readonly directories: Map<string, string>;
  readonly entries: Set<string>;
  readonly trees: Set<string>;
}

/** Walks the paths as they are now; what does not exist is awaited in its nearest ancestor. Never throws. */
export async function findWatchTargets(paths: readonly string[]): Promise<WatchTargets> {
  const found: Collected = { directories: new Map(), entries: new Set(), trees: new Set() };
  for (const path of paths) {
    const end = await followLinks(resolve(path), found);
    if (end !== undefined) await addTree(end, found);
  }
  return found;
}

/** True if an event for `name` in `directory` may mean a change; events without a name always may. */
export function concerns(targets: WatchTargets, directory: string, name: string | undefined): boolean {
  if (name === undefined || targets.trees.has(directory)) return true;
  return targets.entries.has(join(directory, name));
}

/** Notes every link on the way and the last entry; returns where the path really ends, undefined if it does not exist. */
async function followLinks(path: string, found: Collected): Promise<string | undefined> {
  let current = parse(path).root;
  let rest = segments(path);
  let links = 0;
  for (;;) {
    const name = rest.shift();
    if (name === undefined) return current;
    const entry = join(current, name);
    const stats = await lstatOrUndefined(entry);
    const isLink = stats?.isSymbolicLink() ?? false;
    if (isLink || stats === undefined || rest.length === 0) await note(current, entry, found);
    if (stats === undefined || (isLink && (links += 1) > MAX_LINKS)) return undefined;
    if (!isLink) {
      current = entry;
      continue;
    }
    const target = await readlinkOrUndefined(entry);
    if (target === undefined) return undefined;
    rest = [...segments(target), ...rest];
    if (isAbsolute(target)) current = parse(target).root;
  }
}

async function note(directory: string, entry: string, found: Collected): Promise<void> {
  found.entries.add(entry);
  await addDirectory(directory, found);
}

async function addDirectory(directory: string, found: Collected): Promise<boolean> {
  const stats = await lstatOrUndefined(directory);
  if (stats?.isDirectory() !== true) return false;
  found.directories.set(directory, `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`);
  return true;
}

/** Does not follow links inside the tree: the poll sees through those. */
async function addTree(path: string, found: Collected): Promise<void> {
  const waiting = [path];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.trees.size >= MAX_TREE_DIRECTORIES || !(await addDirectory(next, found))) continue;
    found.trees.add(next);
    waiting.push(...(await subdirectories(next)));
  }
}

async function subdirectories(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(directory, name));
  } catch {
    return [];
  }
}

function segments(path: string): string[] {
  return path.split(sep).filter((segment) => segment !== '' && segment !== '.');
}

async function lstatOrUndefined(path: string) {
  try {
    return await lstat(path, { bigint: true });
  } catch {
    return undefined;
  }
}

async function readlinkOrUndefined(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch {
    return undefined;
  }
}
