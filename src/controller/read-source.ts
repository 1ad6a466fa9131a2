/** Reads the manifest as it is now, or says in words why it cannot be read. It never throws for what a person can cause. */
import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { errorCode } from './error-code.js';

export type Source =
  | { readonly kind: 'content'; readonly bytes: Buffer; readonly sha256: string; readonly modifiedAt: number }
  | Unreadable;

export interface Unreadable {
  readonly kind: 'unreadable';
  readonly message: string;
  /** Nothing is there at all. */
  readonly isMissing: boolean;
}

const SENTENCES: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a directory, not a file',
  // What nobody can open: a socket, or a device that no driver serves.
  ENXIO: 'is a socket or a device, not a file',
  EACCES: 'cannot be read: permission denied',
  EPERM: 'cannot be read: permission denied',
  ELOOP: 'is a symbolic link that leads back to itself',
};

/** At most `maxBytes` + 1 bytes, so that whoever reads them can tell that there is more. */
export async function readSource(path: string, maxBytes: number): Promise<Source> {
  try {
    await using file = await openWithoutWaiting(path);
    const stats = await file.stat();
    if (!stats.isFile()) return unreadable(`is ${kindOf(stats)}, not a file`);
    const buffer = Buffer.alloc(maxBytes + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    const bytes = buffer.subarray(0, bytesRead);
    return {
      kind: 'content',
      bytes,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      modifiedAt: stats.mtimeMs,
    };
  } catch (error) {
    const code = errorCode(error);
    return unreadable(SENTENCES[code] ?? `cannot be read (${code})`, code);
  }
}

/** A pipe that nobody writes to would hold whoever opens it, and with him the loop, for ever. */
function openWithoutWaiting(path: string) {
  return open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  return stats.isFIFO() ? 'a pipe' : 'a device';
}

function unreadable(message: string, code?: string): Unreadable {
  return { kind: 'unreadable', message, isMissing: code === 'ENOENT' };
}
