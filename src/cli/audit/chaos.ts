/** When chaos was on, as `chaos` events say or as scrapes saw it. */
import { text, type AuditEvent } from './audit-event.js';
import { Newest, Notes, type Listing } from './bounded.js';
import { chaosOf } from './scrapes.js';

export interface ChaosInterval {
  readonly from: string;
  /** Absent while it goes on. */
  to?: string;
  readonly kind: string;
  readonly service?: string;
}

export class ChaosIntervals {
  readonly #intervals: Newest<ChaosInterval>;
  readonly #open = new Notes<ChaosInterval>();

  constructor(
    limit: number,
    private readonly onBegin: (interval: ChaosInterval) => void,
  ) {
    this.#intervals = new Newest(limit);
  }

  add(event: AuditEvent): void {
    const kind = kindOf(event);
    if (kind === undefined) return;
    const service = text(event.service);
    const key = service ?? '';
    const open = this.#open.get(key);
    if ((open?.kind ?? 'none') === kind) return;
    if (open !== undefined) open.to = event.timestamp;
    this.#open.delete(key);
    if (kind === 'none') return;
    const begun: ChaosInterval = {
      from: event.timestamp,
      kind,
      ...(service === undefined ? {} : { service }),
    };
    this.#open.set(key, begun);
    this.#intervals.push(begun);
    this.onBegin(begun);
  }

  listing(): Listing<ChaosInterval> {
    return this.#intervals.listing();
  }
}

function kindOf(event: AuditEvent): string | undefined {
  if (event.event === 'status_scrape') return chaosOf(event.chaos);
  return event.event === 'chaos' ? chaosOf(event.mode ?? event.chaos) : undefined;
}
