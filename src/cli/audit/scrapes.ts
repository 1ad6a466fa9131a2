/** Looks at the metrics (`status_scrape`), equal ones in a row as one range. */
import { finite, text, type AuditEvent } from './audit-event.js';
import { Notes } from './bounded.js';

export type Verdict = 'PASS' | 'FAIL';

export interface Range {
  readonly lowest: number;
  readonly highest: number;
}

/** Scrapes of one service that saw the same mode and chaos and the same answers of the policies. */
export interface ScrapeRange {
  readonly from: string;
  to: string;
  count: number;
  readonly service?: string;
  readonly mode?: string;
  readonly chaos?: string;
  readonly infrastructure?: Verdict;
  readonly canary?: Verdict;
  errorRatePercent?: Range;
  p99Ms?: Range;
}

export class Scrapes {
  readonly #open = new Notes<ScrapeRange>();

  constructor(private readonly onRange: (range: ScrapeRange) => void) {}

  add(event: AuditEvent): void {
    // What nobody looked at, while no controller ran, is in no range.
    if (event.event === 'controller_started') this.#open.clear();
    if (event.event !== 'status_scrape') return;
    const key = text(event.service) ?? '';
    const open = this.#open.get(key);
    const range = open !== undefined && isLike(open, event) ? open : this.#begin(key, event);
    range.to = event.timestamp;
    range.count += 1;
    widen(range, 'errorRatePercent', finite(event.error_rate_percent));
    widen(range, 'p99Ms', finite(event.p99_latency_ms));
  }

  /** It is told at once and grows afterwards: what is told in order stays in order. */
  #begin(key: string, event: AuditEvent): ScrapeRange {
    const [infrastructure, canary] = [verdict(event.policy_infra_pass), verdict(event.policy_canary_pass)];
    const [service, mode, chaos] = [text(event.service), text(event.mode), chaosOf(event.chaos)];
    const range: ScrapeRange = {
      from: event.timestamp,
      to: event.timestamp,
      count: 0,
      ...(service === undefined ? {} : { service }),
      ...(mode === undefined ? {} : { mode }),
      ...(chaos === undefined ? {} : { chaos }),
      ...(infrastructure === undefined ? {} : { infrastructure }),
      ...(canary === undefined ? {} : { canary }),
    };
    this.#open.set(key, range);
    this.onRange(range);
    return range;
  }
}

const CHAOS_NUMBERS = ['none', 'slow', 'error'];
const NO_CHAOS = new Set(['none', 'recover', 'recovered', 'off', 'ok', '']);

/** `slow`, `error` or another kind, `none` where there is no chaos, undefined where nothing is said. */
export function chaosOf(value: unknown): string | undefined {
  if (value === false || value === null || value === '') return 'none';
  const kind = typeof value === 'number' ? (CHAOS_NUMBERS[value] ?? String(value)) : text(value);
  return kind !== undefined && NO_CHAOS.has(kind) ? 'none' : kind;
}

function isLike(range: ScrapeRange, event: AuditEvent): boolean {
  return (
    range.infrastructure === verdict(event.policy_infra_pass) &&
    range.canary === verdict(event.policy_canary_pass) &&
    range.mode === text(event.mode) &&
    range.chaos === chaosOf(event.chaos)
  );
}

function verdict(pass: unknown): Verdict | undefined {
  if (typeof pass !== 'boolean') return undefined;
  return pass ? 'PASS' : 'FAIL';
}

function widen(range: ScrapeRange, name: 'errorRatePercent' | 'p99Ms', value: number | undefined): void {
  if (value === undefined) return;
  const known = range[name];
  if (known !== undefined && value >= known.lowest && value <= known.highest) return;
  range[name] = {
    lowest: Math.min(value, known?.lowest ?? value),
    highest: Math.max(value, known?.highest ?? value),
  };
}
