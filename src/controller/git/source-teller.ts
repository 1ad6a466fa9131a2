/** How a repository stands, for whoever is to be told: what a look speaks of is replaced, the rest stays, and only news is news. */
import {
  deletedWords,
  failedWords,
  fetchedWords,
  nextHealth,
  rewrittenWords,
  stillInForce,
} from './health.js';
import type { LookResult } from './look.js';
import { shortCommit, type Deletion, type Revision } from './revision.js';
import type { SourceError } from './source-error.js';
import { afterGood, isSameNow, verifiedBy, type Good, type SourceNow } from './source-now.js';
import type { SourceSpec } from './source-spec.js';

export class SourceTeller {
  readonly #spec: SourceSpec;
  readonly #onNews: () => void;
  #now: SourceNow;
  /** The sentence of what is in force. */
  #words = '';

  constructor(spec: SourceSpec, onNews: () => void) {
    this.#spec = spec;
    this.#onNews = onNews;
    const message = `${spec.url} was not looked at yet`;
    this.#now = { ready: { ok: false, reason: 'Starting', message, since: timeNow() } };
  }

  get now(): SourceNow {
    return this.#now;
  }

  /** What an earlier life left is in force; nothing was looked at yet. */
  resumed(revision: Revision, deletion: Deletion | undefined): void {
    this.#words = deletion === undefined ? fetchedWords(revision) : deletedWords(deletion, this.#spec.path);
    this.#tell({ ...this.#now, revision, ...(deletion !== undefined && { deletion }) });
  }

  adopted(revision: Revision): void {
    this.#words = fetchedWords(revision);
    this.#good({ message: this.#words, revision, ...verifiedBy(revision) });
  }

  /** `from`: what was adopted before, and is no ancestor. */
  rewritten(ref: string, from: Revision): void {
    this.#words += rewrittenWords(ref, from);
    this.same();
  }

  deleted(deletion: Deletion): void {
    this.#words = deletedWords(deletion, this.#spec.path);
    this.#good({ message: this.#words, deletion, ...verifiedBy(deletion) });
  }

  same(): void {
    this.#good({ message: this.#words });
  }

  untrusted({ facts, verification }: Extract<LookResult, { kind: 'untrusted' }>): void {
    const commit = shortCommit(facts.commit);
    const { reason, message } = verification;
    const verified = { ok: false, reason, message: `${commit}: ${message}; ${stillInForce(this.#now)}` };
    this.#good({ message: `${commit}: ${facts.subject}`, verified });
  }

  failed({ reason, message: why }: SourceError): void {
    const message = failedWords(this.#spec, why, this.#now);
    this.#tell({
      ...this.#now,
      ready: nextHealth(this.#now.ready, { ok: false, reason, message }, timeNow()),
    });
  }

  #good(good: Good): void {
    this.#tell(afterGood(this.#now, good, timeNow()));
  }

  #tell(next: SourceNow): void {
    const before = this.#now;
    this.#now = next;
    if (!isSameNow(before, next)) this.#onNews();
  }
}

/** ISO 8601. */
function timeNow(): string {
  return new Date().toISOString();
}
