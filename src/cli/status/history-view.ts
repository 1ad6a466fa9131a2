/** Looks into a history that somebody else writes: its newest events, and what is appended from now on. It changes nothing. */
import { open, type FileHandle } from 'node:fs/promises';
import { decodeEvent, type HistoryEvent } from '../../controller/history/history-event.js';
import { listRotated, openIfExists } from '../../controller/history/history-files.js';
import { readChunk } from '../../controller/history/read-lines.js';

/** Enough for the newest events; a failed version's log is a few kilobytes. */
const TAIL_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** At most `count` events, oldest first; a rotated file is read where the current one has too few. */
export async function newestEvents(path: string, count: number): Promise<readonly HistoryEvent[]> {
  const found = await tailEvents(path);
  if (found.length >= count) return found.slice(-count);
  const rotated = (await listRotated(path).catch(() => [])).at(-1);
  const before = rotated === undefined ? [] : await tailEvents(rotated);
  return [...before, ...found].slice(-count);
}

/** The last event of that name; undefined when it is none of the newest. */
export async function newestOf(path: string, name: string): Promise<HistoryEvent | undefined> {
  return (await newestEvents(path, Number.MAX_SAFE_INTEGER)).findLast(({ event }) => event === name);
}

async function tailEvents(path: string): Promise<HistoryEvent[]> {
  const file = await openIfExists(path);
  if (file === undefined) return [];
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    return eventsIn(await readChunk(file, start, size - start));
  } finally {
    await file.close();
  }
}

/** Torn and foreign lines hold no event: the first of a chunk may be half a line. */
function eventsIn(bytes: Buffer): HistoryEvent[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .map((line) => decodeEvent(Buffer.from(line)))
    .filter((event) => event !== undefined);
}

/** What is appended after it was made. */
export class EventFollower {
  private constructor(
    private readonly path: string,
    private offset: number,
    private inode: number | undefined,
  ) {}

  static async fromNow(path: string): Promise<EventFollower> {
    const file = await openIfExists(path);
    if (file === undefined) return new EventFollower(path, 0, undefined);
    const { size, ino } = await statAndClose(file);
    return new EventFollower(path, size, ino);
  }

  /** The events since the last call; what a rotation put away in between is read from there. */
  async next(): Promise<readonly HistoryEvent[]> {
    const file = await openIfExists(this.path);
    if (file === undefined) return [];
    try {
      const { ino } = await file.stat();
      const missed = this.inode === undefined || this.inode === ino ? [] : await this.restOfRotated();
      if (this.inode !== ino) this.offset = 0;
      this.inode = ino;
      return [...missed, ...(await this.readOn(file))];
    } finally {
      await file.close();
    }
  }

  private async restOfRotated(): Promise<readonly HistoryEvent[]> {
    const rotated = (await listRotated(this.path)).at(-1);
    if (rotated === undefined) return [];
    const file = await open(rotated, 'r');
    try {
      return (await file.stat()).ino === this.inode ? await this.readOn(file) : [];
    } finally {
      await file.close();
    }
  }

  /** Whole lines only: the rest of one that is being written comes with the next call. */
  private async readOn(file: FileHandle): Promise<HistoryEvent[]> {
    const { size } = await file.stat();
    if (size <= this.offset) return [];
    const bytes = await readChunk(file, this.offset, size - this.offset);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    this.offset += end;
    return eventsIn(bytes.subarray(0, end));
  }
}

async function statAndClose(file: FileHandle) {
  try {
    return await file.stat();
  } finally {
    await file.close();
  }
}
