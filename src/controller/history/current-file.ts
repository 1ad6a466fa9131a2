/**
 * The one history file that is written to: opened with its tail repaired, appended to durably.
 * It knows lines and digests of its own file only; rotation and what to do about a lost file are the log's.
 */

import { open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../error-code.js';
import { namingFile } from '../naming-file.js';
import { syncDirectory } from '../sync-directory.js';
import { decodeEvent, lineDigest, type HistoryEvent } from './history-event.js';
import { cutTornTail, findLastEvent, type TornTail } from './history-tail.js';
import { readLines } from './read-lines.js';

/** What became of the file since the last append. */
export type FileState = 'intact' | 'deleted' | 'replaced' | 'resized';

interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** INVARIANT: between appends the file has `size` bytes: whole lines, every one acknowledged. */
export class CurrentFile {
  readonly path: string;
  /** The last event when the file was opened, and the digest of its line; undefined if it held none. */
  readonly lastAtOpen: { readonly event: HistoryEvent; readonly digest: string } | undefined;
  /** What was cut off when the file was opened. */
  readonly torn: TornTail | undefined;
  readonly #handle: FileHandle;
  readonly #identity: Identity;
  #size: number;
  #firstSeq: number | undefined;

  private constructor(path: string, handle: FileHandle, found: Awaited<ReturnType<typeof inspect>>) {
    this.path = path;
    this.#handle = handle;
    this.lastAtOpen = found.last;
    this.torn = found.torn;
    this.#identity = found.identity;
    this.#size = found.size;
    this.#firstSeq = found.firstSeq;
  }

  /** Opens, or creates, the file and repairs its tail. */
  static async open(path: string): Promise<CurrentFile> {
    const handle = await open(path, 'a+', 0o644);
    try {
      await syncDirectory(dirname(path));
      return new CurrentFile(path, handle, await inspect(path, handle));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  /** The number of the first event in the file; 0 if the first line holds none. */
  get firstSeq(): number {
    return this.#firstSeq ?? 0;
  }

  /** Compares what is at the path with what was written. */
  async state(): Promise<FileState> {
    try {
      const { dev, ino, size } = await stat(this.path, { bigint: true });
      if (dev !== this.#identity.dev || ino !== this.#identity.ino) return 'replaced';
      return size === BigInt(this.#size) ? 'intact' : 'resized';
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return 'deleted';
      throw error;
    }
  }

  /** Appends a line and its newline; resolves once it is on disk, rejects with the file as it was. */
  async append(line: Buffer, seq: number): Promise<void> {
    try {
      await namingFile(this.path, this.#write(line));
    } catch (error) {
      await this.#takeBack();
      throw error;
    }
    if (this.#size === 0) this.#firstSeq = seq;
    this.#size += line.length + 1;
  }

  async #write(line: Buffer): Promise<void> {
    await this.#handle.appendFile(Buffer.concat([line, Buffer.from('\n')]));
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** If even this fails, the file's size is wrong, `state` says so before the next append, and the log repairs it. */
  async #takeBack(): Promise<void> {
    try {
      await this.#handle.truncate(this.#size);
      await this.#handle.datasync();
    } catch {
      return;
    }
  }
}

async function inspect(path: string, handle: FileHandle) {
  const last = await findLastEvent(handle);
  const size = last?.end ?? 0;
  const torn = await cutTornTail(path, handle, size);
  const { dev, ino } = await handle.stat({ bigint: true });
  return {
    identity: { dev, ino },
    size,
    torn,
    last: last === undefined ? undefined : { event: last.event, digest: lineDigest(last.bytes) },
    firstSeq: await readFirstSeq(handle),
  };
}

async function readFirstSeq(handle: FileHandle): Promise<number | undefined> {
  for await (const line of readLines(handle)) return decodeEvent(line.bytes)?.seq;
  return undefined;
}
