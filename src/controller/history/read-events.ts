/** Reads a history that may be written to, and rotated, at the same time. It must never change a file. */

import type { FileHandle } from 'node:fs/promises';
import { decodeEvent, type HistoryEvent } from './history-event.js';
import { listRotated, openIfExists } from './history-files.js';
import { readLineBatches, type Line } from './read-lines.js';

/** A line and where it stands; `line` counts from 1. */
export interface HistoryLine extends Line {
  readonly file: string;
  readonly line: number;
}

/** Lines that follow each other in one file. */
export interface HistoryBatch {
  readonly file: string;
  /** Of the first of `lines`; counts from 1. */
  readonly firstLine: number;
  readonly lines: readonly Line[];
}

/** Every event of the history at `path`, oldest first, rotated files included; lines that hold no event are left out. */
export async function* readEvents(path: string): AsyncGenerator<HistoryEvent> {
  for await (const { bytes } of readHistoryLines(path)) {
    const event = decodeEvent(bytes);
    if (event !== undefined) yield event;
  }
}

/** Every line of the history at `path`, oldest first, rotated files included. */
export async function* readHistoryLines(path: string): AsyncGenerator<HistoryLine> {
  for await (const { file, firstLine, lines } of readHistoryBatches(path)) {
    for (const [index, line] of lines.entries()) yield { ...line, file, line: firstLine + index };
  }
}

/** The same, many lines at a time; an empty file gives one batch without lines. */
export async function* readHistoryBatches(path: string): AsyncGenerator<HistoryBatch> {
  // Opened before the rotated ones are listed: if it is rotated meanwhile, it is found twice, but never missed.
  const current = await openIfExists(path);
  try {
    for (const file of await listRotated(path)) yield* readRotated(file, current);
    if (current !== undefined) yield* numbered(path, current);
  } finally {
    await current?.close();
  }
}

async function* readRotated(file: string, current: FileHandle | undefined): AsyncGenerator<HistoryBatch> {
  const handle = await openIfExists(file);
  if (handle === undefined) return;
  try {
    if (!(await isSameFile(handle, current))) yield* numbered(file, handle);
  } finally {
    await handle.close();
  }
}

async function* numbered(file: string, handle: FileHandle): AsyncGenerator<HistoryBatch> {
  let firstLine = 1;
  for await (const lines of readLineBatches(handle)) {
    yield { file, firstLine, lines };
    firstLine += lines.length;
  }
  if (firstLine === 1) yield { file, firstLine, lines: [] };
}

async function isSameFile(one: FileHandle, other: FileHandle | undefined): Promise<boolean> {
  if (other === undefined) return false;
  const [a, b] = await Promise.all([one.stat({ bigint: true }), other.stat({ bigint: true })]);
  return a.ino === b.ino && a.dev === b.dev;
}
