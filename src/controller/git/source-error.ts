/** Why a look at a repository came to nothing: one word for machines, one sentence for people. */

export type SourceReason =
  | 'Unreachable'
  | 'AuthFailed'
  | 'HostKeyUnknown'
  | 'CertificateUnknown'
  | 'RefNotFound'
  | 'EmptyRepository'
  | 'ManifestMissing'
  | 'PathRefused'
  | 'LfsPointer'
  | 'TooLarge'
  | 'TimedOut'
  /** It was there, but this host cannot keep it: disk full, no permission, no git. */
  | 'NotStored';

/** The message is shown as it stands: nothing secret goes into it. */
export class SourceError extends Error {
  readonly reason: SourceReason;

  constructor(reason: SourceReason, message: string) {
    super(message);
    this.name = 'SourceError';
    this.reason = reason;
  }
}
