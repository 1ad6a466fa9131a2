/**
 * Says whether a history is whole: every line an event, numbered without gaps, each carrying the digest of the one before.
 * It reads as a stream and must never change a file. A cut at the very end shows only against `lastSeq`.
 */

import { decodeEvent, GENESIS, lineDigest, type ChainHead, type HistoryEvent } from './history-event.js';
import { readHistoryBatches } from './read-events.js';
import type { Line } from './read-lines.js';

/** One broken place; `line` counts from 1, and is 0 when the problem is not of one line. */
export interface HistoryProblem {
  readonly file: string;
  readonly line: number;
  readonly problem: string;
}

export interface HistoryVerdict {
  readonly ok: boolean;
  readonly problems: readonly HistoryProblem[];
  /** How many events were read. */
  readonly events: number;
}

export interface VerifyOptions {
  /** The number that the last event must at least have, as the stack's notes know it. */
  readonly lastSeq?: number;
}

/** Checks the history at `path`, rotated files included; no history at all is whole. */
export async function verifyHistory(path: string, options: VerifyOptions = {}): Promise<HistoryVerdict> {
  const problems: HistoryProblem[] = [];
  const chain = new ChainCheck();
  let events = 0;
  for await (const { file, firstLine, lines } of readHistoryBatches(path)) {
    for (const [index, line] of lines.entries()) {
      const checked = chain.next(line);
      for (const problem of checked.problems) problems.push({ file, line: firstLine + index, problem });
      if (checked.event !== undefined) events += 1;
    }
  }
  const missing = chain.missingUpTo(options.lastSeq);
  if (missing !== undefined) problems.push({ file: path, line: 0, problem: missing });
  return { ok: problems.length === 0, problems, events };
}

export interface CheckedLine {
  /** Absent where the line holds none. */
  readonly event: HistoryEvent | undefined;
  readonly problems: readonly string[];
}

/** The chain, line after line, for whoever reads the lines anyway. */
export class ChainCheck {
  #head = GENESIS;

  /** The number that the next event must have. */
  get nextSeq(): number {
    return this.#head.seq + 1;
  }

  next(line: Line): CheckedLine {
    const event = line.isWhole ? decodeEvent(line.bytes) : undefined;
    const problems = lineProblems(line, event, this.#head);
    this.#head = { seq: event?.seq ?? this.#head.seq + 1, prev: lineDigest(line.bytes) };
    return { event, problems };
  }

  /** What is wrong at the end, if the last event should at least have the number `lastSeq`. */
  missingUpTo(lastSeq: number | undefined): string | undefined {
    const { seq } = this.#head;
    if (lastSeq === undefined || seq >= lastSeq) return undefined;
    return `events ${seq + 1} to ${lastSeq} are missing: the state directory knows of them`;
  }
}

function lineProblems(line: Line, event: HistoryEvent | undefined, head: ChainHead): string[] {
  if (!line.isWhole) return ['the last line is torn: it has no newline'];
  if (event === undefined) return ['the line is not an event (JSON with seq, timestamp, event and prev)'];
  const problems: string[] = [];
  if (event.seq !== head.seq + 1) problems.push(seqProblem(event.seq, head.seq));
  if (event.prev !== head.prev) {
    problems.push(`prev is ${event.prev}, but the line before has ${head.prev}: one of the two was changed`);
  }
  if (Number.isNaN(Date.parse(event.timestamp))) problems.push(`timestamp ${event.timestamp} is not a time`);
  return problems;
}

function seqProblem(seq: number, before: number): string {
  if (seq > before + 1) return `events ${before + 1} to ${seq - 1} are missing`;
  return `seq is ${seq}, but the line before has ${before}`;
}
