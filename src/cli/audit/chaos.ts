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
    for (const { service } of this.#open.values())
      if (isEndOf(event, service)) this.#end(service, event.timestamp);
    const kind = kindOf(event);
    if (kind === undefined) return;
    const service = text(event.service);
    const key = service ?? '';
    if ((this.#open.get(key)?.kind ?? 'none') === kind) return;
    this.#end(service, event.timestamp);
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

  #end(service: string | undefined, timestamp: string): void {
    const open = this.#open.get(service ?? '');
    if (open !== undefined) open.to = timestamp;
    this.#open.delete(service ?? '');
  }

  listing(): Listing<ChaosInterval> {
    return this.#intervals.listing();
  }
}

function kindOf(event: AuditEvent): string | undefined {
  if (event.event === 'status_scrape') return chaosOf(event.chaos);
  return event.event === 'chaos' ? chaosOf(event.mode ?? event.chaos) : undefined;
}

const REPLACED: ReadonlySet<string> = new Set(['promote', 'rollback', 'deploy', 'replica_failed']);
const GONE: ReadonlySet<unknown> = new Set(['removed', 'stopped']);
/** After the service in the name of its container. */
const PLACE = /-(?:stable|canary)-[0-9a-f]{8}-\d+$/;

/** Chaos lives in a process: it ends with it, whoever looks. What is still in it is seen at the next look. */
function isEndOf(event: AuditEvent, service: string | undefined): boolean {
  if (event.event === 'source_pruned') return true;
  if (REPLACED.has(event.event)) return text(event.service) === service;
  if (event.event !== 'drift_detected' || !GONE.has(event.kind) || service === undefined) return false;
  const target = text(event.target) ?? '';
  return PLACE.test(target) && target.replace(PLACE, '').endsWith(`-${service}`);
}
