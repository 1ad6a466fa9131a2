/** Reads a file as lines of bytes, from its start or from its end, a chunk at a time: files may be larger than memory. */

import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 64 * 1024;
/** A reader who goes on is given more at a time: the trip to the disk takes longer than what it brings. */
const MAX_CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

export interface Line {
  /** Without the newline. */
  readonly bytes: Buffer;
  /** Where the line starts in its file, in bytes. */
  readonly offset: number;
  /** False for a last line without a newline. */
  readonly isWhole: boolean;
}

/** Every line from the first to the last. */
export async function* readLines(file: FileHandle): AsyncGenerator<Line> {
  for await (const lines of readLineBatches(file)) yield* lines;
}

/** The same, as many lines at a time as end in one chunk: a promise per line takes longer than its hash. */
export async function* readLineBatches(file: FileHandle, start = 0): AsyncGenerator<readonly Line[]> {
  let pending: Buffer[] = [];
  let lineStart = start;
  let position = start;
  for (let length = CHUNK_BYTES; ; length = Math.min(2 * length, MAX_CHUNK_BYTES)) {
    const chunk = await readChunk(file, position, length);
    if (chunk.length === 0) break;
    const lines: Line[] = [];
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const end = chunk.subarray(from, at);
      const bytes = pending.length === 0 ? end : Buffer.concat([...pending, end]);
      lines.push({ bytes, offset: lineStart, isWhole: true });
      pending = [];
      from = at + 1;
      lineStart = position + from;
    }
    if (from < chunk.length) pending.push(chunk.subarray(from));
    position += chunk.length;
    if (lines.length > 0) yield lines;
  }
  if (pending.length > 0) yield [{ bytes: Buffer.concat(pending), offset: lineStart, isWhole: false }];
}

/** Every line that starts before `end`, from the last to the first. */
export async function* readLinesBackwards(file: FileHandle, end: number): AsyncGenerator<Line> {
  let start = end;
  let unread: Buffer = Buffer.alloc(0);
  while (start > 0) {
    // A chunk as long as what is there: a line of many chunks is not copied once per chunk.
    const length = Math.min(start, Math.max(CHUNK_BYTES, unread.length));
    unread = Buffer.concat([await readChunk(file, start - length, length), unread]);
    start -= length;
    for (;;) {
      const isWhole = unread.at(-1) === NEWLINE;
      const contentEnd = isWhole ? unread.length - 1 : unread.length;
      const before = contentEnd === 0 ? -1 : unread.lastIndexOf(NEWLINE, contentEnd - 1);
      if (unread.length === 0 || (before < 0 && start > 0)) break;
      yield { bytes: unread.subarray(before + 1, contentEnd), offset: start + before + 1, isWhole };
      unread = unread.subarray(0, before + 1);
    }
  }
}

/** The bytes from `position` on, fewer than `length` only at the end of the file. */
export async function readChunk(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
