/**
 * What is at a set of paths, as two comparable texts: a cheap one of metadata, and an exact one of content.
 * Whatever is there (nothing, a directory, no permission, a dangling link, a device) has a fingerprint; it never throws.
 */

import { createHash } from 'node:crypto';
import { createReadStream, type BigIntStats } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { errorCode } from '../error-code.js';

/** What is larger is read in chunks. */
const MAX_READ_AT_ONCE_BYTES = 1024 * 1024;
/** Of a larger file only so much is hashed (and its size): a manifest is never that large. */
const MAX_HASHED_BYTES = 64 * 1024 * 1024;
/** Deeper is a loop of links. */
const MAX_DEPTH = 16;
/** Nobody has so many policies: somebody named the wrong directory. */
const MAX_ENTRIES = 10_000;

type Describe = (path: string, stats: BigIntStats) => Promise<string> | string;

/** Changes whenever a file is written, replaced, removed, or its permissions change. */
export function metadataFingerprint(paths: readonly string[]): Promise<string> {
  return fingerprint(paths, describeMetadata);
}

/** Changes whenever what a reader would read changes. */
export function contentFingerprint(paths: readonly string[]): Promise<string> {
  return fingerprint(paths, describeContent);
}

async function fingerprint(paths: readonly string[], describe: Describe): Promise<string> {
  const left = { entries: MAX_ENTRIES };
  const parts = await Promise.all(paths.map((path) => describePlace({ path, depth: 0, left }, describe)));
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

interface Place {
  readonly path: string;
  readonly depth: number;
  readonly left: { entries: number };
}

/** One line for the place, and for a directory one for each place in it. */
async function describePlace(place: Place, describe: Describe): Promise<string> {
  const { path, depth, left } = place;
  if (depth > MAX_DEPTH || (left.entries -= 1) < 0) return '';
  try {
    const stats = await stat(path, { bigint: true });
    if (!stats.isDirectory()) return `${path}\0file\0${await describe(path, stats)}`;
    const names = (await readdir(path)).filter(isVisible).sort();
    const places = names.map((name) => ({ path: join(path, name), depth: depth + 1, left }));
    const parts = await Promise.all(places.map((inside) => describePlace(inside, describe)));
    return [`${path}\0directory`, ...parts].join('\n');
  } catch (error) {
    return `${path}\0${errorCode(error)}`;
  }
}

/** Kubernetes keeps a volume's versions in `..2026_…` and links to the current one by `..data`. */
function isVisible(name: string): boolean {
  return !name.startsWith('..');
}

function describeMetadata(_path: string, stats: BigIntStats): string {
  return metadataStamp(stats);
}

/** Another one whenever a file is written, replaced, or its permissions change, as far as its file system tells. */
export function metadataStamp({ dev, ino, size, mode, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mode, mtimeNs, ctimeNs].join(' ');
}

/** Only regular files are read: a pipe would block, a device has no end. */
async function describeContent(path: string, stats: BigIntStats): Promise<string> {
  if (!stats.isFile()) return 'not a regular file';
  const hash = createHash('sha256');
  if (stats.size <= MAX_READ_AT_ONCE_BYTES) hash.update(await readFile(path));
  else await pipeline(createReadStream(path, { end: MAX_HASHED_BYTES - 1 }), hash);
  return `${stats.size} ${hash.digest('hex')}`;
}
