/**
 * Puts generated files into a folder, all or nothing: one changed file is replaced by a rename, more by a folder that is made aside and
 * renamed whole. Two folders cannot be exchanged in one call: for an instant neither stands there, and the next run puts back what
 * a crash left aside. What is not generated is never changed; it moves along.
 */
import { chmod, mkdir, readdir, realpath, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../../controller/error-code.js';
import { namingFile } from '../../controller/naming-file.js';
import { syncDirectory } from '../../controller/sync-directory.js';
import { GENERATED_ENTRIES, type GeneratedFile } from '../../reconcilers/render/stack-files.js';
import { CommandError } from '../basics/exit.js';
import { isAlive } from '../basics/is-alive.js';
import { strangersAmong } from './own-files.js';
import { readTree, sameFile, statOf, writeNew, writeTree } from './file-tree.js';

export interface Replaced {
  /** Files that were not there, or not like this. */
  readonly changed: readonly string[];
  /** Stood in a generated folder, and are generated no more. */
  readonly removed: readonly string[];
  /** Names in the folder that are somebody else's. */
  readonly foreign: readonly string[];
}

/** Where a folder is made, and where the one before it waits. */
interface Places {
  readonly folder: string;
  readonly next: string;
  readonly last: string;
}

export async function replaceGenerated(path: string, files: readonly GeneratedFile[]): Promise<Replaced> {
  const places = await placesOf(path);
  const { folder } = places;
  await clearAway(places);
  await putBack(places);
  const before = await readGenerated(folder);
  refuseStrangers(path, before);
  const changed = files.filter(
    (file) => !before.some((old) => old.path === file.path && sameFile(old, file)),
  );
  const removed = before.filter((old) => !files.some(({ path }) => path === old.path));
  const [only] = changed;
  const isOneFile = only !== undefined && changed.length + removed.length === 1 && !only.path.includes('/');
  if (isOneFile && (await statOf(folder)) !== undefined) await replaceOne(places, only);
  else if (changed.length + removed.length > 0) await exchange(places, files);
  return { changed: changed.map(pathOf), removed: removed.map(pathOf), foreign: await foreignNames(folder) };
}

/** Behind a symbolic link, the folder itself is what gets replaced. */
async function placesOf(path: string): Promise<Places> {
  const stats = await statOf(path);
  const folder =
    stats === undefined ? join(await realpath(dirname(path)), basename(path)) : await realpath(path);
  if (stats !== undefined && (await statOf(folder))?.isDirectory() !== true)
    throw new CommandError(`${path} is a file: give --out a folder`);
  const aside = join(dirname(folder), `.${basename(folder)}.swiftdeploy-`);
  return { folder, next: `${aside}next-${String(process.pid)}`, last: `${aside}last` };
}

/** What was being made by runs that live no more. */
async function clearAway({ folder }: Places): Promise<void> {
  const prefix = `.${basename(folder)}.swiftdeploy-next-`;
  for (const name of await readdir(dirname(folder)))
    if (name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length))))
      await rm(join(dirname(folder), name), { recursive: true, force: true });
}

/** The folder of before, from a run that died in the middle. */
async function putBack({ folder, last }: Places): Promise<void> {
  if ((await statOf(last)) === undefined) return;
  if ((await statOf(folder)) === undefined) await rename(last, folder);
  else await bringAlong(last, folder);
}

async function readGenerated(folder: string): Promise<readonly GeneratedFile[]> {
  const trees = await Promise.all(GENERATED_ENTRIES.map((name) => readTree(folder, name)));
  return trees.flat();
}

function refuseStrangers(path: string, files: readonly GeneratedFile[]): void {
  const strangers = strangersAmong(files);
  if (strangers.length > 0)
    throw new CommandError(
      `${path} has ${strangers.join(', ')} that render did not write: move it away, or give --out a folder of its own. Nothing was written.`,
    );
}

async function foreignNames(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !GENERATED_ENTRIES.includes(name)).sort();
}

function pathOf({ path }: GeneratedFile): string {
  return path;
}

async function replaceOne({ folder, next }: Places, file: GeneratedFile): Promise<void> {
  await rm(next, { recursive: true, force: true });
  try {
    await namingFile(join(folder, file.path), writeNew(next, file));
    await rename(next, join(folder, file.path));
  } catch (error) {
    await rm(next, { force: true });
    throw couldNot(folder, error);
  }
  await syncDirectory(folder);
}

async function exchange(places: Places, files: readonly GeneratedFile[]): Promise<void> {
  const { folder, next, last } = places;
  const stats = await statOf(folder);
  await rm(next, { recursive: true, force: true });
  try {
    await mkdir(next);
    if (stats !== undefined) await chmod(next, stats.mode & 0o7777);
    await writeTree(next, files);
    if (stats !== undefined) await rename(folder, last);
    await rename(next, folder);
  } catch (error) {
    await rm(next, { recursive: true, force: true });
    await putBack(places);
    throw couldNot(folder, named(error, places));
  }
  if (stats !== undefined) await bringAlong(last, folder);
  await syncDirectory(dirname(folder));
}

/** What is not generated goes into the new folder; the old one goes. Whoever else does the same at this moment is no harm. */
async function bringAlong(last: string, folder: string): Promise<void> {
  try {
    for (const name of await foreignNames(last)) await rename(join(last, name), await freePath(folder, name));
    for (const name of GENERATED_ENTRIES) await rm(join(last, name), { recursive: true, force: true });
    await rmdir(last);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** Somebody may have made another of that name since a crash. */
async function freePath(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  return (await statOf(path)) === undefined ? path : freePath(folder, `${name}.before`);
}

/** People know the folder, not the one that is made aside. */
function named(error: unknown, { folder, next }: Places): unknown {
  if (error instanceof Error && 'path' in error && typeof error.path === 'string')
    error.path = error.path.replace(next, folder);
  return error;
}

/** A mount point, or a folder that somebody else is replacing. */
function couldNot(folder: string, error: unknown): unknown {
  if (!['EBUSY', 'EXDEV', 'ENOTEMPTY', 'ENOENT'].includes(errorCode(error))) return error;
  return new CommandError(
    `${folder} cannot be replaced as a whole (${errorCode(error)}): is it a mount, or does somebody else render? Nothing was changed; --out names another folder`,
  );
}
