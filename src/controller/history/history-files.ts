/**
 * The names and the order of a history's files: `history.jsonl` is written to,
 * `history-000000000001.jsonl` beside it is a rotated one, named after its first event.
 */

import { access, open, readdir, type FileHandle } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { errorCode } from '../error-code.js';

const SEQ_DIGITS = 12;

/** A free name for the file at `path` once it is rotated; a name that is taken gets `.2`, `.3`, …: nothing is overwritten. */
export async function rotatedPath(path: string, firstSeq: number): Promise<string> {
  const { stem, extension } = nameParts(path);
  const seq = String(firstSeq).padStart(SEQ_DIGITS, '0');
  return freePath((n) => join(dirname(path), `${stem}-${seq}${n === 1 ? '' : `.${n}`}${extension}`));
}

/** A free name beside `path` for a file that turned up in its place. */
export function foreignPath(path: string): Promise<string> {
  return freePath((n) => `${path}.foreign-${n}`);
}

/** The rotated files of the history at `path`, oldest first; none where there is no such directory. */
export async function listRotated(path: string): Promise<string[]> {
  const { stem, extension } = nameParts(path);
  const found: { name: string; seq: number; n: number }[] = [];
  for (const name of await namesIn(dirname(path))) {
    if (!name.startsWith(`${stem}-`) || !name.endsWith(extension)) continue;
    const middle = name.slice(stem.length + 1, name.length - extension.length);
    const match = /^(\d{12,})(?:\.(\d+))?$/.exec(middle);
    if (match !== null) found.push({ name, seq: Number(match[1]), n: Number(match[2] ?? 1) });
  }
  found.sort((a, b) => a.seq - b.seq || a.n - b.n);
  return found.map(({ name }) => join(dirname(path), name));
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Opens for reading; undefined if there is no such file. A directory is refused here: what fails to read it names no file. */
export async function openIfExists(path: string): Promise<FileHandle | undefined> {
  const file = await opened(path);
  const isDirectory = (await file?.stat())?.isDirectory() === true;
  if (!isDirectory) return file;
  await file?.close();
  throw Object.assign(new Error(`EISDIR: ${path} is a directory`), { code: 'EISDIR', path });
}

async function opened(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function nameParts(path: string): { stem: string; extension: string } {
  const extension = extname(path);
  return { stem: basename(path, extension), extension };
}

async function freePath(candidate: (n: number) => string): Promise<string> {
  for (let n = 1; ; n += 1) {
    const path = candidate(n);
    if (!(await exists(path))) return path;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
