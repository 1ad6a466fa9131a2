/** Exit codes (design §9), and the errors that end a command with words instead of a stack trace. */

export const EXIT = {
  ok: 0,
  failed: 1,
  denied: 2,
  badManifest: 3,
  /** `plan --exit-code`: there is something to do. */
  changes: 4,
  interrupted: 130,
} as const;

/** Something that a user can mend: printed as it is. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    message: string,
    readonly exitCode: number = EXIT.failed,
  ) {
    super(message);
  }
}
