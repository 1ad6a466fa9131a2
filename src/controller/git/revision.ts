/** What one commit is called wherever it is told of. Values only. */

/** One commit as it lies on disk, whole. */
export interface Revision extends CommitFacts {
  /** What was followed: `main`, `v1.2.0`, a commit. */
  readonly ref: string;
  /** Paths that differ from the revision that settled last; absent where none did. At most 1,000. */
  readonly changedPaths?: readonly string[];
  /** Who signed it, where signatures are verified. */
  readonly signer?: string;
  /** Folder with its files, read-only by convention. */
  readonly dir: string;
}

/** A commit that deleted the manifest, where that removes the stack. */
export interface Deletion extends CommitFacts {
  /** The branch that was followed. */
  readonly ref: string;
  readonly signer?: string;
}

/** What a commit says of itself: claims of whoever wrote it, not proofs. */
export interface CommitFacts {
  /** 40 hexadecimal digits. */
  readonly commit: string;
  /** `Ann <ann@example.com>`. */
  readonly author: string;
  /** ISO 8601, UTC. */
  readonly committedAt: string;
  /** The first line of the message, without control characters. */
  readonly subject: string;
}

/** The digits that people use. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 7);
}

/** Text from a repository on one line, without what could steer a terminal; at most 200 characters. */
export function plainText(text: string): string {
  const plain = text
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\s]+/g, ' ')
    .trim();
  return plain.length <= 200 ? plain : `${plain.slice(0, 199)}…`;
}
