/** One pass over a history: each line is checked against the chain and told to the report. It changes nothing. */
import { basename } from 'node:path';
import { readHistoryBatches } from '../../controller/history/read-events.js';
import type { Line } from '../../controller/history/read-lines.js';
import { ChainCheck } from '../../controller/history/verify-history.js';
import { looseEvent } from '../telling/loose-event.js';
import { bounded, type AuditEvent } from './audit-event.js';
import { AuditFacts, type EventFacts } from './audit-facts.js';
import type { Listing } from './bounded.js';

export interface ChainProblem {
  /** Its name, without the directory. */
  readonly file: string;
  /** Counts from 1; 0 where it is not of one line. */
  readonly line: number;
  readonly problem: string;
}

export interface HistoryReading {
  readonly files: readonly string[];
  /** The first ones; empty where the chain is whole. */
  readonly problems: Listing<ChainProblem>;
  /** The history ends in a line without a line end: torn, or being written just now. */
  readonly endsTorn: boolean;
  readonly facts: EventFacts;
}

/** Without files where there is no history. `lastSeq`: what the stack's notes know of its end. */
export async function readAudit(path: string, lastSeq?: number): Promise<HistoryReading> {
  const reader = new AuditReader();
  for await (const { file, firstLine, lines } of readHistoryBatches(path)) {
    reader.startFile(basename(file));
    for (const [index, line] of lines.entries()) reader.read(line, firstLine + index);
  }
  return reader.end(basename(path), lastSeq);
}

const SHOWN_PROBLEMS = 20;

class AuditReader {
  readonly #facts = new AuditFacts();
  readonly #chain = new ChainCheck();
  readonly #files: string[] = [];
  readonly #problems: ChainProblem[] = [];
  #problemCount = 0;
  #file = '';
  #endsTorn = false;

  startFile(file: string): void {
    if (this.#files.at(-1) !== file) this.#files.push(file);
    this.#file = file;
  }

  read(line: Line, number: number): void {
    const wanted = this.#chain.nextSeq;
    const { event, problems } = this.#chain.next(line);
    const said = event ?? looseEvent(line.bytes);
    const told = said === undefined ? undefined : bounded(said);
    this.#endsTorn = !line.isWhole;
    if (told !== undefined) this.#facts.add(told);
    if (problems.length === 0) return;
    for (const problem of wordsFor(problems, { wanted, told, isChained: event !== undefined, number, line }))
      this.#note(number, problem);
  }

  end(current: string, lastSeq: number | undefined): HistoryReading {
    const missing = this.#chain.missingUpTo(lastSeq);
    this.#file = current;
    if (missing !== undefined) this.#note(0, missing);
    else if (this.#files.length > 0 && !this.#files.includes(current) && lastSeq === undefined)
      this.#note(
        0,
        `the newest file is missing: nobody knows what came after event ${String(this.#chain.nextSeq - 1)}`,
      );
    return {
      files: this.#files,
      problems: { omitted: this.#problemCount - this.#problems.length, items: this.#problems },
      endsTorn: this.#endsTorn,
      facts: this.#facts.facts(),
    };
  }

  #note(line: number, problem: string): void {
    this.#problemCount += 1;
    if (this.#problems.length < SHOWN_PROBLEMS) this.#problems.push({ file: this.#file, line, problem });
  }
}

interface Seen {
  readonly wanted: number;
  readonly told: AuditEvent | undefined;
  readonly isChained: boolean;
  readonly number: number;
  readonly line: Line;
}

/** The chain's own words, where there are no better ones. */
function wordsFor(
  problems: readonly string[],
  { wanted, told, isChained, number, line }: Seen,
): readonly string[] {
  if (told === undefined) return problems;
  if (!isChained && line.isWhole)
    return ['the line carries no chain (seq, timestamp, event, prev): this SwiftDeploy did not write it'];
  const seq = Number(told.seq);
  if (isChained && number === 1 && seq > wanted)
    return [
      `a file of the history is missing before this one: events ${String(wanted)} to ${String(seq - 1)}`,
    ];
  return problems;
}
