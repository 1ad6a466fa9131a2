/** What is known of a repository at one moment, and what a look that worked makes of it. Pure. */
import { isSameHealth, nextHealth, type SourceHealth } from './health.js';
import { shortCommit, type Deletion, type Revision } from './revision.js';

export interface SourceNow {
  /** What the last look at the repository came to: SourceReady. */
  readonly ready: SourceHealth;
  /** SourceVerified; absent where nothing is to be verified, and before the first answer. */
  readonly verified?: SourceHealth;
  /** The revision that is to be reconciled: the newest good one, also from an earlier life. */
  readonly revision?: Revision;
  /** The commit that deleted the manifest of `revision`, where that removes the stack (`prune`): nothing is wished for. */
  readonly deletion?: Deletion;
}

/** What a look that worked has to tell; what is absent stays. */
export interface Good {
  readonly message: string;
  readonly verified?: Omit<SourceHealth, 'since'>;
  readonly revision?: Revision;
  readonly deletion?: Deletion;
}

/** What is told of a signature that was found good. */
export function verifiedBy({ commit, signer }: Pick<Revision, 'commit' | 'signer'>): Pick<Good, 'verified'> {
  if (signer === undefined) return {};
  return {
    verified: { ok: true, reason: 'Verified', message: `${shortCommit(commit)} is signed by ${signer}` },
  };
}

/** `now`: ISO 8601. A revision that is told anew is one that has its manifest. */
export function afterGood(
  before: SourceNow,
  { message, verified, revision = before.revision, deletion }: Good,
  now: string,
): SourceNow {
  const gone = deletion ?? (revision === before.revision ? before.deletion : undefined);
  const answer = verified ? nextHealth(before.verified, verified, now) : before.verified;
  const reason = gone === undefined ? 'Fetched' : 'Pruned';
  return {
    ready: nextHealth(before.ready, { ok: true, reason, message }, now),
    ...(answer !== undefined && { verified: answer }),
    ...(revision !== undefined && { revision }),
    ...(gone !== undefined && { deletion: gone }),
  };
}

export function isSameNow(a: SourceNow, b: SourceNow): boolean {
  return (
    isSameHealth(a.ready, b.ready) &&
    isSameHealth(a.verified, b.verified) &&
    a.revision === b.revision &&
    a.deletion?.commit === b.deletion?.commit
  );
}
