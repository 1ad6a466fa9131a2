/** What a policy is told of the commit that the manifest came with. Who wrote it is the commit's own word; only a signer is proven. Pure. */
import type { Revision } from '../../controller/git/revision.js';

/** Where it lies is no fact for a policy. */
export type ToldRevision = Omit<Revision, 'dir'>;

/** Which revision is reconciled now; undefined where the manifest comes from no repository. */
export type RevisionSource = () => ToldRevision | undefined;

export interface SourceFact {
  readonly revision: string;
  readonly ref: string;
  readonly author: string;
  readonly subject: string;
  readonly committed_at: string;
  readonly signer?: string;
  readonly changed_paths?: readonly string[];
}

export function sourceFact({ commit, committedAt, changedPaths, ...rest }: ToldRevision): SourceFact {
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
