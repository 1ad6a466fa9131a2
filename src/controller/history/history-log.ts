/**
 * Owns `history.jsonl`: one line per event, appended in order, on disk before it is acknowledged.
 * It must never lose an acknowledged event, nor write a line that does not continue the chain.
 */

import { open, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { syncDirectory } from '../sync-directory.js';
import { CurrentFile, type FileState } from './current-file.js';
import {
  decodeEvent,
  encodeEvent,
  GENESIS,
  lineDigest,
  type ChainHead,
  type HistoryEvent,
  type HistoryEventInput,
} from './history-event.js';
import { foreignPath, listRotated, rotatedPath } from './history-files.js';
import { findLastEvent } from './history-tail.js';

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** What was found wrong with the file and put right; also written to the history as `history_repaired`. */
export interface HistoryRepair {
  /**
   * `torn_tail`: cut off. `deleted`, `emptied`: a new file goes on. `shortened`: its last events are gone.
   * `replaced`: another's file was put aside.
   */
  readonly reason: 'torn_tail' | 'deleted' | 'emptied' | 'shortened' | 'replaced';
  readonly file: string;
  /** Where the cut bytes, or the other file, are now; absent where there are none, or no room. */
  readonly keptIn?: string;
  /** How many bytes were cut off. */
  readonly bytes?: number;
}

export interface HistoryLogOptions {
  /** A file is rotated before it would grow beyond this; default 64 MiB. */
  readonly maxBytes?: number;
  readonly now?: () => Date;
  /** The chain goes on from here at least: what the file lacks of it was taken away since. Default: an empty chain. */
  readonly known?: ChainHead | undefined;
  readonly onRepair?: (repair: HistoryRepair) => void;
}

/** The history of one stack; there may be one writer at any time (see the stack lock). */
export class HistoryLog {
  readonly #path: string;
  readonly #options: Required<Omit<HistoryLogOptions, 'known'>>;
  readonly #unrecorded: HistoryRepair[] = [];
  #head: ChainHead = GENESIS;
  #file: CurrentFile | undefined;
  #isClosed = false;
  #lastAppend: Promise<unknown> = Promise.resolve();

  private constructor(path: string, options: Omit<HistoryLogOptions, 'known'>) {
    this.#path = path;
    this.#options = {
      maxBytes: DEFAULT_MAX_BYTES,
      now: () => new Date(),
      onRepair: () => undefined,
      ...options,
    };
  }

  /** Opens, or creates, the history at `path` and repairs its tail; rejects if it cannot be read or created. */
  static async open(
    path: string,
    { known = GENESIS, ...options }: HistoryLogOptions = {},
  ): Promise<HistoryLog> {
    const log = new HistoryLog(path, options);
    log.#file = await log.#openCurrent();
    const found = headOf(log.#file) ?? (await newestRotatedHead(path)) ?? GENESIS;
    log.#head = found.seq < known.seq ? known : found;
    if (found.seq < known.seq) log.#noteRepair(found.seq === 0 ? 'deleted' : 'shortened');
    // No room for the repair's own event is no reason not to open: the next append writes it first.
    await log.#recordRepairs().catch(() => undefined);
    return log;
  }

  /** Where the chain stands after the last acknowledged event. */
  get head(): ChainHead {
    return this.#head;
  }

  /** Resolves to the event as written, once it is on disk; rejects (`ENOSPC`, …) with the history as it was. */
  append(input: HistoryEventInput): Promise<HistoryEvent> {
    const appended = this.#lastAppend.then(() => this.#append(input));
    this.#lastAppend = appended.catch(() => undefined);
    return appended;
  }

  /** Resolves when the appends under way have ended; later ones reject. */
  async close(): Promise<void> {
    await this.#lastAppend;
    this.#isClosed = true;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #append(input: HistoryEventInput): Promise<HistoryEvent> {
    if (this.#isClosed) throw new Error('The history is closed');
    const state = await this.#file?.state();
    if (state !== 'intact') await this.#reopen(state);
    await this.#recordRepairs();
    return this.#write(input);
  }

  async #recordRepairs(): Promise<void> {
    for (let repair = this.#unrecorded[0]; repair !== undefined; repair = this.#unrecorded[0]) {
      const { reason, file, keptIn, bytes } = repair;
      const keptName = keptIn === undefined ? undefined : basename(keptIn);
      const fields = { reason, file: basename(file), kept_in: keptName, bytes };
      await this.#write({ event: 'history_repaired', ...fields });
      this.#unrecorded.shift();
    }
  }

  async #write(input: HistoryEventInput): Promise<HistoryEvent> {
    const line = encodeEvent(this.#head, input, this.#options.now().toISOString());
    const event = decodeEvent(line);
    if (event === undefined) throw new TypeError('The event cannot be written as a line of JSON');
    const file = await this.#fileWithRoomFor(line);
    await file.append(line, event.seq);
    this.#head = { seq: event.seq, prev: lineDigest(line) };
    return event;
  }

  async #fileWithRoomFor(line: Buffer): Promise<CurrentFile> {
    const file = this.#file ?? (await this.#openCurrent());
    this.#file = file;
    if (file.size === 0 || file.size + line.length + 1 <= this.#options.maxBytes) return file;
    await rename(this.#path, await rotatedPath(this.#path, file.firstSeq));
    // From here on a crash leaves no current file: the next open finds the chain's head in the rotated one.
    this.#file = undefined;
    await file.close();
    return (this.#file = await this.#openCurrent());
  }

  /** Somebody touched the file: goes on in it if the chain continues there, else puts it aside and starts a new one. */
  async #reopen(state: FileState | undefined): Promise<void> {
    const before = this.#file;
    this.#file = undefined;
    await before?.close();
    const found = await this.#openCurrent();
    const head = headOf(found);
    if (head === undefined) {
      if (state !== undefined) this.#noteRepair(state === 'deleted' ? 'deleted' : 'emptied');
      this.#file = found;
    } else if (this.#isContinuedBy(found)) {
      this.#head = head;
      this.#file = found;
    } else {
      this.#file = await this.#putAside(found);
    }
  }

  /** The last line is ours, or the one of an append that failed and could not even be taken back. */
  #isContinuedBy(found: CurrentFile): boolean {
    const { prev } = this.#head;
    return found.lastAtOpen?.digest === prev || found.lastAtOpen?.event.prev === prev;
  }

  async #putAside(found: CurrentFile): Promise<CurrentFile> {
    await found.close();
    const keptIn = await foreignPath(this.#path);
    await rename(this.#path, keptIn);
    await syncDirectory(dirname(this.#path));
    this.#noteRepair('replaced', { keptIn });
    return this.#openCurrent();
  }

  async #openCurrent(): Promise<CurrentFile> {
    const file = await CurrentFile.open(this.#path);
    if (file.torn !== undefined) {
      const { bytes, keptIn } = file.torn;
      this.#noteRepair('torn_tail', keptIn === undefined ? { bytes } : { bytes, keptIn });
    }
    return file;
  }

  #noteRepair(reason: HistoryRepair['reason'], more: Partial<HistoryRepair> = {}): void {
    const repair: HistoryRepair = { ...more, reason, file: this.#path };
    this.#unrecorded.push(repair);
    this.#options.onRepair(repair);
  }
}

function headOf(file: CurrentFile): ChainHead | undefined {
  if (file.lastAtOpen === undefined) return undefined;
  return { seq: file.lastAtOpen.event.seq, prev: file.lastAtOpen.digest };
}

async function newestRotatedHead(path: string): Promise<ChainHead | undefined> {
  for (const rotated of (await listRotated(path)).reverse()) {
    const file = await open(rotated, 'r');
    try {
      const last = await findLastEvent(file);
      if (last !== undefined) return { seq: last.event.seq, prev: lineDigest(last.bytes) };
    } finally {
      await file.close();
    }
  }
  return undefined;
}
