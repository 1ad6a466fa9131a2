/**
 * Reads the files of a policy folder as bytes, with caps on size, number and depth.
 * Symbolic links are followed inside the folder only (Kubernetes mounts are made of them); names that start with a dot are left out.
 */
import { constants, type Dirent } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { errorCode } from './error-code.js';
import { FileMemory } from '../../controller/file-memory.js';
import { PolicySetError } from './policy-set-error.js';

/** One file; `path` is relative to the folder, with `/` on every system. */
export interface PolicyFile {
  readonly path: string;
  readonly content: Buffer;
}

const MAX_FILE_BYTES = 1024 * 1024;
const MAX_TOTAL_BYTES = 16 * MAX_FILE_BYTES;
const MAX_FILES = 1000;
const MAX_DEPTH = 8;

interface Walk {
  /** Real path of the folder; nothing outside is read. */
  readonly root: string;
  readonly wanted: (path: string) => boolean;
  readonly memory: FileMemory;
  files: number;
  bytes: number;
}

/** Every file below `dir` that `wanted` accepts, sorted by path; throws a `PolicySetError` for what cannot be read whole. */
export async function readPolicyFiles(
  dir: string,
  wanted: (path: string) => boolean,
  memory = new FileMemory(),
): Promise<PolicyFile[]> {
  const walk: Walk = { root: await realFolder(dir), wanted, memory, files: 0, bytes: 0 };
  const files = await readFolder(walk, walk.root, '');
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function realFolder(dir: string): Promise<string> {
  try {
    const root = await realpath(dir);
    if ((await stat(root)).isDirectory()) return root;
  } catch (cause) {
    throw unreadable('', `the policy folder ${dir}`, cause);
  }
  throw new PolicySetError('not-a-folder', '', `the policy folder ${dir} is not a folder`);
}

/** All that is in it at the same time: a tick waits for this. */
async function readFolder(walk: Walk, real: string, folder: string): Promise<PolicyFile[]> {
  if (folder.split('/').length > MAX_DEPTH) {
    throw new PolicySetError(
      'too-deep',
      folder,
      `more than ${MAX_DEPTH} folders deep (a symbolic link in a circle?)`,
    );
  }
  const entries = await entriesOf(real, folder);
  const files = await Promise.all(entries.map((entry) => readEntry(walk, { real, folder, entry })));
  return files.flat();
}

async function entriesOf(real: string, folder: string): Promise<Dirent[]> {
  try {
    return (await readdir(real, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  } catch (cause) {
    throw unreadable(folder, 'the folder', cause);
  }
}

interface Found {
  /** Real path and path for people of the folder that it was found in. */
  readonly real: string;
  readonly folder: string;
  readonly entry: Dirent;
}

/** Only a link, or what the file system does not tell the kind of, has to be looked up. */
async function readEntry(walk: Walk, { real: parent, folder, entry }: Found): Promise<PolicyFile[]> {
  const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
  const isPlain = entry.isFile() || entry.isDirectory();
  const real = isPlain
    ? join(parent, entry.name)
    : await insidePath(walk.root, join(parent, entry.name), path);
  if (isPlain ? entry.isDirectory() : await isFolder(real, path)) return readFolder(walk, real, path);
  return walk.wanted(path) ? [await readFile(walk, real, path)] : [];
}

async function insidePath(root: string, found: string, path: string): Promise<string> {
  const real = await realpath(found).catch((cause: unknown) => {
    throw unreadable(path, 'it', cause);
  });
  if (real === root || real.startsWith(root + sep)) return real;
  throw new PolicySetError('outside', path, `a symbolic link to ${real}, which is outside the policy folder`);
}

async function isFolder(real: string, path: string): Promise<boolean> {
  try {
    return (await stat(real)).isDirectory();
  } catch (cause) {
    throw unreadable(path, 'it', cause);
  }
}

async function readFile(walk: Walk, real: string, path: string): Promise<PolicyFile> {
  walk.files += 1;
  if (walk.files > MAX_FILES)
    throw new PolicySetError('too-many', '', `the policy folder has more than ${MAX_FILES} files`);
  const content = await recall(walk, real);
  if (content === undefined) return { path, content: await readCapped(walk, real, path) };
  count(walk, content.length);
  return { path, content };
}

/** One look at the file instead of five: a tick waits for this. */
async function recall({ memory }: Walk, real: string): Promise<Buffer | undefined> {
  const stats = await stat(real, { bigint: true }).catch(() => undefined);
  return stats === undefined ? undefined : memory.recall(real, stats);
}

function count(walk: Walk, bytes: number): void {
  walk.bytes += bytes;
  if (walk.bytes > MAX_TOTAL_BYTES) throw allTooLarge();
}

/** Opened without blocking and judged by the open handle, so that a pipe or a file that was swapped cannot hold us. */
async function readCapped(walk: Walk, real: string, path: string): Promise<Buffer> {
  try {
    await using handle = await openForReading(real);
    const facts = await handle.stat({ bigint: true });
    if (!facts.isFile()) throw new PolicySetError('not-a-file', path, 'neither a file nor a folder');
    if (facts.size > MAX_FILE_BYTES) throw tooLarge(path);
    count(walk, Number(facts.size));
    const content = await handle.readFile();
    if (content.length > MAX_FILE_BYTES) throw tooLarge(path);
    walk.memory.keep(real, facts, content);
    return content;
  } catch (cause) {
    if (cause instanceof PolicySetError) throw cause;
    throw unreadable(path, 'it', cause);
  }
}

function openForReading(real: string) {
  return open(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
}

function tooLarge(path: string): PolicySetError {
  return new PolicySetError('too-large', path, `larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
}

function allTooLarge(): PolicySetError {
  const limit = `${MAX_TOTAL_BYTES / 1024 / 1024} MiB`;
  return new PolicySetError('too-large', '', `the policy folder has more than ${limit}`);
}

function unreadable(path: string, what: string, cause: unknown): PolicySetError {
  const code = errorCode(cause);
  if (code === 'ENOENT') return new PolicySetError('missing', path, `${what} does not exist (ENOENT)`);
  return new PolicySetError('unreadable', path, `${what} cannot be read (${code ?? String(cause)})`);
}
