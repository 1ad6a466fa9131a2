/** Each manifest that took effect, by its digest; git says later who wrote it. */
import { finite, text, type AuditEvent } from './audit-event.js';
import { Newest, type Listing } from './bounded.js';
import type { Commit } from './manifest-authors.js';

export interface ManifestChange {
  readonly timestamp: string;
  readonly generation?: number;
  readonly sha256?: string;
  /** Where the manifest came from git: as the event has it. */
  readonly commit?: Commit;
}

export class ManifestChanges {
  readonly #changes: Newest<ManifestChange>;

  constructor(limit: number) {
    this.#changes = new Newest(limit);
  }

  add(event: AuditEvent): void {
    if (event.event !== 'manifest_changed') return;
    const [generation, sha256] = [finite(event.generation), text(event.sha256)];
    const commit = commitOf(event);
    this.#changes.push({
      timestamp: event.timestamp,
      ...(generation === undefined ? {} : { generation }),
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(commit === undefined ? {} : { commit }),
    });
  }

  listing(): Listing<ManifestChange> {
    return this.#changes.listing();
  }
}

function commitOf(event: AuditEvent): Commit | undefined {
  const [commit, author, subject] = [text(event.commit), text(event.author), text(event.subject)];
  if (commit === undefined) return undefined;
  return {
    commit,
    author: author ?? '',
    committed: text(event.committed_at) ?? event.timestamp,
    subject: subject ?? '',
  };
}
