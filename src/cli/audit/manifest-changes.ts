/** Each manifest that took effect, by its digest; git says later who wrote it. */
import { finite, text, type AuditEvent } from './audit-event.js';
import { Newest, type Listing } from './bounded.js';

export interface ManifestChange {
  readonly timestamp: string;
  readonly generation?: number;
  readonly sha256?: string;
}

export class ManifestChanges {
  readonly #changes: Newest<ManifestChange>;

  constructor(limit: number) {
    this.#changes = new Newest(limit);
  }

  add(event: AuditEvent): void {
    if (event.event !== 'manifest_changed') return;
    const [generation, sha256] = [finite(event.generation), text(event.sha256)];
    this.#changes.push({
      timestamp: event.timestamp,
      ...(generation === undefined ? {} : { generation }),
      ...(sha256 === undefined ? {} : { sha256 }),
    });
  }

  listing(): Listing<ManifestChange> {
    return this.#changes.listing();
  }
}
