/** Which track carried the traffic, from when on: promotions, promotions to stable, rollbacks. */
import { text, type AuditEvent } from './audit-event.js';
import { Newest, Notes, type Listing } from './bounded.js';

export interface ModeChange {
  readonly timestamp: string;
  readonly from: string;
  readonly to: string;
  readonly service?: string;
  readonly version?: string;
}

const OTHER: Readonly<Record<string, string>> = { canary: 'stable', stable: 'canary' };

export class ModeChanges {
  readonly #changes: Newest<ModeChange>;
  readonly #modes = new Notes<string>();

  constructor(limit: number) {
    this.#changes = new Newest(limit);
  }

  add(event: AuditEvent): void {
    const isChange = event.event === 'promote' || event.event === 'rollback';
    const to = text(isChange ? event.target_mode : event.event === 'deploy' ? event.mode : undefined);
    if (to === undefined) return;
    const [service, version] = [text(event.service), text(event.version)];
    const from = this.#modes.get(service ?? '');
    this.#modes.set(service ?? '', to);
    if (from === to || (from === undefined && !isChange)) return;
    this.#changes.push({
      timestamp: event.timestamp,
      from: from ?? OTHER[to] ?? 'unknown',
      to,
      ...(service === undefined ? {} : { service }),
      ...(version === undefined ? {} : { version }),
    });
  }

  listing(): Listing<ModeChange> {
    return this.#changes.listing();
  }
}
