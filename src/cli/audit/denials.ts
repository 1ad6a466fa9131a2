/** What the policies refused, and each failing scrape: one by one as published, and grouped by the rule that spoke. */
import { isFailureCode } from '../../reconcilers/policy/answer.js';
import { finite, text, texts, type AuditEvent } from './audit-event.js';
import { Newest, Notes, type Listing } from './bounded.js';
import type { ScrapeRange, Verdict } from './scrapes.js';

/** A row of the published table; a scrape's range keeps growing after it was noted. */
export interface Violation extends Pick<
  ScrapeRange,
  'from' | 'to' | 'count' | 'service' | 'infrastructure' | 'canary' | 'errorRatePercent' | 'p99Ms'
> {
  /** What domains that have no column of their own said, as `freeze: not on a Friday`; absent where none did. */
  readonly others?: string;
  /** Why there was no answer that can be believed, as `OPA_TIMEOUT`; absent where a policy denied. */
  readonly noAnswer?: string;
}

/** Denials by one rule. */
export interface DenialGroup {
  readonly domain: string;
  readonly rule: string;
  count: number;
  /** Of these, how many went ahead: no policy answered, and the step went back. */
  proceeded: number;
  readonly questions: string[];
  readonly first: string;
  last: string;
  /** The value furthest beyond the limit; the last one where it is no number. */
  worst?: string | number;
  limit?: string | number;
  message: string;
}

const MOST_QUESTIONS = 10;

export class Denials {
  readonly #violations: Newest<Violation>;
  readonly #groups: Notes<DenialGroup>;
  #count = 0;

  constructor(limit: number) {
    this.#violations = new Newest(limit);
    this.#groups = new Notes(limit);
  }

  /** How many denials there were, whatever their number of rules. */
  get count(): number {
    return this.#count;
  }

  addRange(range: ScrapeRange): void {
    if (range.infrastructure === 'FAIL' || range.canary === 'FAIL') this.#violations.push(range);
  }

  add(event: AuditEvent): void {
    if (event.event !== 'policy_denied') return;
    this.#count += 1;
    const domains = texts(event.domains);
    const service = text(event.service);
    const reasons = reasonsOf(event);
    this.#violations.push({
      from: event.timestamp,
      to: event.timestamp,
      count: 1,
      ...(service === undefined ? {} : { service }),
      ...failed('infrastructure', domains),
      ...failed('canary', domains),
      ...saidByOthers(domains, reasons),
      ...noAnswer(reasons),
    });
    for (const reason of reasons.length === 0 ? [readReason(undefined)] : reasons)
      this.#group(event, domains, reason);
  }

  violations(): Listing<Violation> {
    return this.#violations.listing();
  }

  groups(): readonly DenialGroup[] {
    return this.#groups.values();
  }

  #group(event: AuditEvent, domains: readonly string[], reason: ReadReason): void {
    const { domain = domains.join(' + ') || 'unknown' } = reason;
    const key = `${domain}\n${reason.rule}`;
    const group = this.#groups.get(key) ?? newGroup(event, domain, reason);
    this.#groups.set(key, group);
    const question = text(event.question);
    if (
      question !== undefined &&
      !group.questions.includes(question) &&
      group.questions.length < MOST_QUESTIONS
    )
      group.questions.push(question);
    group.count += 1;
    if (event.proceeded === true) group.proceeded += 1;
    group.last = event.timestamp;
    group.message = reason.message;
    noteValues(group, reason);
  }
}

const MOST_REASONS = 50;

interface ReadReason {
  /** Absent in older events. */
  readonly domain?: string;
  readonly rule: string;
  readonly message: string;
  readonly observed?: string | number;
  readonly limit?: string | number;
}

function failed(
  domain: 'infrastructure' | 'canary',
  domains: readonly string[],
): Partial<Record<string, Verdict>> {
  return domains.includes(domain) ? { [domain]: 'FAIL' } : {};
}

const IN_COLUMNS: readonly string[] = ['infrastructure', 'canary'];

/** Whose a reason is, older events do not say: where one with a column spoke too, the names have to do. */
function saidByOthers(domains: readonly string[], reasons: readonly ReadReason[]): Pick<Violation, 'others'> {
  const others = domains.filter((domain) => !IN_COLUMNS.includes(domain));
  if (others.length === 0) return {};
  const isTheirs = ({ domain }: ReadReason) =>
    domain === undefined ? others.length === domains.length : others.includes(domain);
  const messages = reasons.filter(isTheirs).map(({ message }) => message);
  const why = messages.length === 0 ? '' : `: ${[...new Set(messages)].join(', ')}`;
  return { others: `${others.join(' + ')}${why}` };
}

function noAnswer(reasons: readonly ReadReason[]): Pick<Violation, 'noAnswer'> {
  const [first] = reasons;
  const isSilent = reasons.every(({ rule }) => isFailureCode(rule));
  return first !== undefined && isSilent ? { noAnswer: first.rule } : {};
}

function newGroup(event: AuditEvent, domain: string, { rule, message }: ReadReason): DenialGroup {
  const { timestamp } = event;
  return { domain, rule, count: 0, proceeded: 0, questions: [], first: timestamp, last: timestamp, message };
}

/** The published sentence: `disk_free_gb is 4.2, minimum required is 10.0`. */
const PUBLISHED = /^(\w+) is (-?[\d.]+)%?, (?:minimum|maximum) \w+ is (-?[\d.]+)%?$/;

function reasonsOf({ reasons }: AuditEvent): readonly ReadReason[] {
  return Array.isArray(reasons) ? reasons.slice(0, MOST_REASONS).map(readReason) : [];
}

function readReason(value: unknown): ReadReason {
  const fields = fieldsOf(value);
  const message = text(typeof value === 'string' ? value : fields.message) ?? 'no reason given';
  const [code, domain] = [text(fields.code), text(fields.domain)];
  const [, name, said, bound] = PUBLISHED.exec(message) ?? [];
  const observed = known(fields.observed) ?? (said === undefined ? undefined : Number(said));
  const limit = known(fields.limit) ?? (bound === undefined ? undefined : Number(bound));
  return {
    rule: (code === 'policy' ? undefined : code) ?? name ?? message,
    message,
    ...(domain === undefined ? {} : { domain }),
    ...(observed === undefined ? {} : { observed }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? value : {};
}

function known(value: unknown): string | number | undefined {
  return finite(value) ?? text(value);
}

function noteValues(group: DenialGroup, { observed, limit }: ReadReason): void {
  if (limit !== undefined) group.limit = limit;
  if (observed === undefined) return;
  const { worst } = group;
  if (typeof worst !== 'number' || typeof observed !== 'number' || typeof limit !== 'number')
    group.worst = observed;
  else group.worst = observed < limit ? Math.min(worst, observed) : Math.max(worst, observed);
}
