/** What a policy is told of the commit that the manifest came with. Who wrote it is the commit's own word; only a signer is proven. Pure. */

/** One commit that is reconciled, as far as policies are told of it. */
export interface Revision {
  /** 40 hexadecimal digits. */
  readonly commit: string;
  /** What was followed: `main`, `v1.2.0`, a commit. */
  readonly ref: string;
  /** `Ann <ann@example.com>`. */
  readonly author: string;
  /** ISO 8601, UTC. */
  readonly committedAt: string;
  /** First line of the message. */
  readonly subject: string;
  /** Paths that differ from the revision applied before; absent for the first. At most 1,000. */
  readonly changedPaths?: readonly string[];
  /** Who signed it, where signatures are verified. */
  readonly signer?: string;
}

/** Which revision is reconciled now; undefined where the manifest comes from no repository. */
export type RevisionSource = () => Revision | undefined;

export interface SourceFact {
  readonly revision: string;
  readonly ref: string;
  readonly author: string;
  readonly subject: string;
  readonly committed_at: string;
  readonly signer?: string;
  readonly changed_paths?: readonly string[];
}

export function sourceFact({ commit, committedAt, changedPaths, ...rest }: Revision): SourceFact {
  const { ref, author, subject, signer } = rest;
  return {
    revision: commit,
    ref,
    author,
    subject,
    committed_at: committedAt,
    ...(signer === undefined ? {} : { signer }),
    ...(changedPaths === undefined ? {} : { changed_paths: changedPaths }),
  };
}
