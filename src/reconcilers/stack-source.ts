/** Where a stack's manifest and its policies come from. */
import type { Revision } from '../controller/git/revision.js';
import type { SourceNow } from '../controller/git/git-source.js';
import type { StackSpec } from './desired/stack-spec.js';
import type { ToldRevision } from './policy/source-fact.js';

export interface StackSource {
  /** Asked once a tick: manifest and policies of one moment, and of one commit. */
  now(): SourceSight;
  /** The commit of the last `now`; undefined for a plain file. */
  revision(): Revision | undefined;
  /** Notes the commit whose manifest is in force: of the last `now`, or, where that is refused, the last good one. */
  hold(revision: ToldRevision | undefined): void;
  /** What policies are told of. */
  held(): ToldRevision | undefined;
  /** The world is as the commit of the last `now` says. */
  settled(): Promise<void>;
}

export interface SourceSight {
  /** The file that the manifest is read from. */
  readonly manifest: string;
  /** The folder of policies that goes with it. */
  readonly policiesFor: (stack: StackSpec) => string;
  /** What is known of the repository and its commit; absent for a plain file. */
  readonly git?: SourceNow;
}
