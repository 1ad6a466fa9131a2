/** Looks into a history that somebody else writes: its newest events, and what is appended from now on. It changes nothing. */
import { open, type FileHandle } from 'node:fs/promises';
import { decodeEvent, type HistoryEvent } from '../../controller/history/history-event.js';
import { listRotated, openIfExists } from '../../controller/history/history-files.js';
import { readChunk } from '../../controller/history/read-lines.js';

/** Enough for the newest events; a failed version's log is a few kilobytes. */
const TAIL_BYTES = 256 * 1024;
/** Many hours of looks at the metrics, and read in a moment. */
const LONGEST_TAIL_BYTES = 16 * TAIL_BYTES;
const NEWLINE = 0x0a;

/** At most `count` events, oldest first; a rotated file is read where the current one has too few. */
export async function newestEvents(path: string, count: number): Promise<readonly HistoryEvent[]> {
  const found = await tailEvents(path);
  if (found.length >= count) return found.slice(-count);
  return [...(await tailOfRotated(path)), ...found].slice(-count);
}

/**
 * As `newestEvents`, looks at the metrics and at canaries left out, save a scrape that is the last of all; it goes further back where they fill the end.
 */
export async function newestNews(path: string, count: number): Promise<readonly HistoryEvent[]> {
  const size = await sizeOf(path);
  for (let bytes = TAIL_BYTES; ; bytes *= 4) {
    const found = await tailEvents(path, { bytes, isWanted: isNews });
    const isAll = bytes >= LONGEST_TAIL_BYTES || bytes >= size;
    if (found.length < count && !isAll) continue;
    const before = found.length < count ? await tailOfRotated(path, { bytes, isWanted: isNews }) : [];
    return [...[...before, ...found].slice(-count), ...(await lastScrape(path))];
  }
}

/** The last event of that name; undefined when it is none of the newest. */
export async function newestOf(path: string, name: string): Promise<HistoryEvent | undefined> {
  return (await newestEvents(path, Number.MAX_SAFE_INTEGER)).findLast(({ event }) => event === name);
}

interface Tail {
  readonly bytes: number;
  /** Asked of each line: decoding is what takes time. */
  readonly isWanted: (line: string) => boolean;
}

const EVERYTHING: Tail = { bytes: TAIL_BYTES, isWanted: () => true };

async function tailOfRotated(path: string, tail?: Tail): Promise<HistoryEvent[]> {
  const rotated = (await listRotated(path).catch(() => [])).at(-1);
  return rotated === undefined ? [] : tailEvents(rotated, tail);
}

async function tailEvents(path: string, { bytes, isWanted }: Tail = EVERYTHING): Promise<HistoryEvent[]> {
  const file = await openIfExists(path);
  if (file === undefined) return [];
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - bytes);
    return eventsIn(await readChunk(file, start, size - start), isWanted);
  } finally {
    await file.close();
  }
}

/** The line's form is the log's own; one that only quotes this costs no more than its place in a list. */
function isNews(line: string): boolean {
  return !line.includes('"event":"status_scrape"') && !line.includes('"event":"canary_look"');
}

async function lastScrape(path: string): Promise<readonly HistoryEvent[]> {
  const [last] = await newestEvents(path, 1);
  return last?.event === 'status_scrape' ? [last] : [];
}

async function sizeOf(path: string): Promise<number> {
  const file = await openIfExists(path);
  return file === undefined ? 0 : (await statAndClose(file)).size;
}

/** Torn and foreign lines hold no event: the first of a chunk may be half a line. */
function eventsIn(bytes: Buffer, isWanted = EVERYTHING.isWanted): HistoryEvent[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .filter(isWanted)
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
