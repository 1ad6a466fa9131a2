/** What a look came to, as a condition needs it: `since` changes only with `ok`. Pure. */
import { refText } from './ref.js';
import { shortCommit, type CommitFacts, type Deletion, type Revision } from './revision.js';
import type { SourceSpec } from './source-spec.js';

export interface SourceHealth {
  readonly ok: boolean;
  /** One CamelCase word for machines. */
  readonly reason: string;
  /** For people; nothing secret. */
  readonly message: string;
  /** ISO 8601. */
  readonly since: string;
}

/** The new health; `before` gives the time where only words change. */
export function nextHealth(
  before: SourceHealth | undefined,
  next: Omit<SourceHealth, 'since'>,
  now: string,
): SourceHealth {
  return { ...next, since: before?.ok === next.ok ? before.since : now };
}

export function isSameHealth(a: SourceHealth | undefined, b: SourceHealth | undefined): boolean {
  return a?.ok === b?.ok && a?.reason === b?.reason && a?.message === b?.message;
}

/** The sentence of a good look. */
export function fetchedWords({ ref, commit, subject }: Revision): string {
  const where = ref === commit ? shortCommit(commit) : `${ref} is at ${shortCommit(commit)}`;
  return subject === '' ? where : `${where}: ${subject}`;
}

/** The sentence of a look that found the manifest deleted. */
export function deletedWords({ ref, commit, subject }: Deletion, path: string): string {
  const which = `${shortCommit(commit)}${subject === '' ? '' : `: ${subject}`}`;
  return `${ref} is at ${which}; it deletes ${path}, and prune is true: the stack is removed, its volumes stay`;
}

/** A force-push is followed, and said. */
export function rewrittenWords(ref: string, from: CommitFacts): string {
  return `; ${ref} was rewritten: ${shortCommit(from.commit)}, applied before, is not part of it any more`;
}

/** The sentence of a look that failed, and what goes on all the same. */
export function failedWords(spec: SourceSpec, why: string, applied: InForce): string {
  return `${spec.url} (${refText(spec.ref)}): ${why}; ${stillInForce(applied)}`;
}

export interface InForce {
  readonly revision?: Revision;
  readonly deletion?: Deletion;
}

export function stillInForce({ revision, deletion }: InForce): string {
  if (deletion !== undefined) return `the stack stays removed, as of ${shortCommit(deletion.commit)}`;
  return revision === undefined
    ? 'nothing was applied yet'
    : `${shortCommit(revision.commit)} stays in force`;
}
