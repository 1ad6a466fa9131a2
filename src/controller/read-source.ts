/** Reads the manifest as it is now, or says in words why it cannot be read. It never throws for what a person can cause. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { errorCode } from './error-code.js';

export type Source =
  | { readonly kind: 'content'; readonly bytes: Buffer; readonly sha256: string; readonly modifiedAt: number }
  | { readonly kind: 'unreadable'; readonly message: string };

const SENTENCES: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a directory, not a file',
  EACCES: 'cannot be read: permission denied',
  EPERM: 'cannot be read: permission denied',
  ELOOP: 'is a symbolic link that leads back to itself',
};

/** At most `maxBytes` + 1 bytes, so that whoever reads them can tell that there is more. */
export async function readSource(path: string, maxBytes: number): Promise<Source> {
  try {
    const file = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(maxBytes + 1);
      const { mtimeMs } = await file.stat();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      const bytes = buffer.subarray(0, bytesRead);
      return {
        kind: 'content',
        bytes,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        modifiedAt: mtimeMs,
      };
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = errorCode(error);
    return { kind: 'unreadable', message: SENTENCES[code] ?? `cannot be read (${code})` };
  }
}
