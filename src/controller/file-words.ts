/** What a disk or its owner refused, in words. */
import { errorCode } from './error-code.js';

const FILE_WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of its path is not a directory',
  EISDIR: 'it is a directory',
  ENOENT: 'its directory does not exist',
  EEXIST: 'something else stands there',
  ELOOP: 'it is a link that leads back to itself',
  EMFILE: 'too many files are open',
};

/** With the file that it is about (naming-file.ts); undefined for every other error. */
export function fileWords(error: unknown): string | undefined {
  const why = FILE_WORDS[errorCode(error)];
  if (why === undefined || !(error instanceof Error)) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'a file';
  return `${path} cannot be read or written: ${why}`;
}
