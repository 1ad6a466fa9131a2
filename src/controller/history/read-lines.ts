/** Reads a file as lines of bytes, from its start or from its end, a chunk at a time: files may be larger than memory. */

import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 64 * 1024;
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
  let pending: Buffer[] = [];
  let lineStart = 0;
  let position = 0;
  for (;;) {
    const chunk = await readChunk(file, position, CHUNK_BYTES);
    if (chunk.length === 0) break;
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      yield {
        bytes: Buffer.concat([...pending, chunk.subarray(from, at)]),
        offset: lineStart,
        isWhole: true,
      };
      pending = [];
      from = at + 1;
      lineStart = position + from;
    }
    if (from < chunk.length) pending.push(chunk.subarray(from));
    position += chunk.length;
  }
  if (pending.length > 0) yield { bytes: Buffer.concat(pending), offset: lineStart, isWhole: false };
}

/** Every line that starts before `end`, from the last to the first. */
export async function* readLinesBackwards(file: FileHandle, end: number): AsyncGenerator<Line> {
  let lineEnd = end;
  while (lineEnd > 0) {
    const isWhole = (await readChunk(file, lineEnd - 1, 1))[0] === NEWLINE;
    const contentEnd = isWhole ? lineEnd - 1 : lineEnd;
    const offset = await lineStartBefore(file, contentEnd);
    const bytes = await readChunk(file, offset, contentEnd - offset);
    yield { bytes, offset, isWhole };
    lineEnd = offset;
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

async function lineStartBefore(file: FileHandle, end: number): Promise<number> {
  let chunkEnd = end;
  while (chunkEnd > 0) {
    const chunkStart = Math.max(0, chunkEnd - CHUNK_BYTES);
    const chunk = await readChunk(file, chunkStart, chunkEnd - chunkStart);
    const newline = chunk.lastIndexOf(NEWLINE);
    if (newline >= 0) return chunkStart + newline + 1;
    chunkEnd = chunkStart;
  }
  return 0;
}
