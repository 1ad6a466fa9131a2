/** Everything in its order, equal entries in a row as one; and the few that a picture has room for. */
import { plain } from '../basics/talk.js';
import { eventWords } from '../telling/event-words.js';
import type { AuditEvent } from './audit-event.js';
import { Newest, type Listing } from './bounded.js';
import type { ChaosInterval } from './chaos.js';
import type { ScrapeRange } from './scrapes.js';
import { rangeWords } from './words.js';

export interface Entry {
  readonly from: string;
  /** Of the last of `count` equal ones. */
  to: string;
  count: number;
  readonly event: string;
  readonly words: string;
}

/** What a person looks for first. */
const HIGHLIGHTS = new Set([
  'deploy',
  'promote',
  'rollback',
  'canary_step',
  'canary_share',
  'replica_failed',
  'replica_unstable',
  'policy_denied',
  'policy_warning',
  'policy_overridden',
  'policy_rejected',
  'source_changed',
  'source_rejected',
  'source_pruned',
  'manifest_invalid',
  'drift_detected',
  'drift_healed',
  'suspended',
  'resumed',
  'step',
]);
const ELSEWHERE = new Set(['status_scrape', 'chaos', 'canary_look']);
const LONGEST_WORDS = 240;

export class Timeline {
  readonly #all: Newest<Entry | ScrapeRange>;
  readonly #highlights: Newest<Entry | ScrapeRange>;

  constructor(limit: number, highlights: number) {
    this.#all = new Newest(limit);
    this.#highlights = new Newest(highlights);
  }

  /** Scrapes come as ranges, chaos as intervals, and of a canary's looks those that say something new. */
  add(event: AuditEvent): void {
    if (ELSEWHERE.has(event.event)) return;
    this.#note(event);
  }

  addVerdict(look: AuditEvent): void {
    this.#note(look);
  }

  #note(event: AuditEvent): void {
    const entry = { ...entryAt(event.timestamp, event.event), words: wordsOf(event) };
    if (this.#isRepeated(entry)) return;
    this.#all.push(entry);
    if (HIGHLIGHTS.has(event.event)) this.#highlights.push(entry);
  }

  addRange(range: ScrapeRange): void {
    this.#all.push(range);
    if (range.infrastructure === 'FAIL' || range.canary === 'FAIL') this.#highlights.push(range);
  }

  addChaos({ from, kind, service }: ChaosInterval): void {
    const words = `chaos begins: ${kind}${service === undefined ? '' : ` (${service})`}`;
    const entry = { ...entryAt(from, 'chaos'), words };
    this.#all.push(entry);
    this.#highlights.push(entry);
  }

  listing(): Listing<Entry> {
    return entriesOf(this.#all);
  }

  highlights(): Listing<Entry> {
    return entriesOf(this.#highlights);
  }

  #isRepeated(entry: Entry): boolean {
    const { last } = this.#all;
    if (last === undefined || !('words' in last)) return false;
    if (last.event !== entry.event || last.words !== entry.words) return false;
    last.to = entry.to;
    last.count += 1;
    return true;
  }
}

function entriesOf(newest: Newest<Entry | ScrapeRange>): Listing<Entry> {
  const { omitted, items } = newest.listing();
  return { omitted, items: items.map((item) => ('words' in item ? item : rangeEntry(item))) };
}

function entryAt(timestamp: string, event: string) {
  return { from: timestamp, to: timestamp, count: 1, event };
}

function rangeEntry(range: ScrapeRange): Entry {
  const { from, to, count } = range;
  return { from, to, count, event: 'status_scrape', words: rangeWords(range) };
}

/** On one line: a failed version's log is told by `events`. */
function wordsOf(event: AuditEvent): string {
  const line = eventWords(event, plain)
    .split('\n', 12)
    .map((part) => part.trim())
    .join(' ');
  return line.length > LONGEST_WORDS ? `${line.slice(0, LONGEST_WORDS)}…` : line;
}
