/**
 * The end of a history file: which event is the last whole one, and what a crash left behind it.
 * What is cut off is never thrown away while there is room to keep it.
 */

import { open, type FileHandle } from 'node:fs/promises';
import { decodeEvent, type HistoryEvent } from './history-event.js';
import { readChunk, readLinesBackwards } from './read-lines.js';

export interface LastEvent {
  readonly event: HistoryEvent;
  /** The line without its newline. */
  readonly bytes: Buffer;
  /** Where the next line starts, in bytes. */
  readonly end: number;
}

/** What was cut off; `keptIn` is undefined when the disk had no room for it. */
export interface TornTail {
  readonly bytes: number;
  readonly keptIn: string | undefined;
}

/** The last whole line that holds an event; undefined if there is none. */
export async function findLastEvent(file: FileHandle): Promise<LastEvent | undefined> {
  const { size } = await file.stat();
  for await (const { bytes, offset, isWhole } of readLinesBackwards(file, size)) {
    const event = isWhole ? decodeEvent(bytes) : undefined;
    if (event !== undefined) return { event, bytes, end: offset + bytes.length + 1 };
  }
  return undefined;
}

/** Cuts the file at `end`, after appending what follows to `<path>.torn`; undefined if nothing follows. */
export async function cutTornTail(
  path: string,
  file: FileHandle,
  end: number,
): Promise<TornTail | undefined> {
  const { size } = await file.stat();
  if (size <= end) return undefined;
  const keptIn = await keepAside(`${path}.torn`, await readChunk(file, end, size - end));
  await file.truncate(end);
  await file.sync();
  return { bytes: size - end, keptIn };
}

/** A full disk must not stop the repair that frees room on it: nothing that was acknowledged is in these bytes. */
async function keepAside(path: string, bytes: Buffer): Promise<string | undefined> {
  try {
    const file = await open(path, 'a', 0o644);
    try {
      await file.appendFile(Buffer.concat([bytes, Buffer.from('\n')]));
      await file.sync();
    } finally {
      await file.close();
    }
    return path;
  } catch {
    return undefined;
  }
}
