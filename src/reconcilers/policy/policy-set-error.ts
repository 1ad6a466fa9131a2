/** Why a folder of policies cannot be used at all; raised before anything of it reaches OPA. */

export type PolicySetFault =
  | 'missing'
  | 'unreadable'
  | 'not-a-folder'
  | 'not-a-file'
  | 'outside'
  | 'too-large'
  | 'too-many'
  | 'too-deep'
  | 'not-loaded'
  | 'no-package'
  | 'reserved';

/** One fault of a policy folder: `fault` is for decisions, `file` the path inside the folder (empty for the folder itself). */
export class PolicySetError extends Error {
  override readonly name = 'PolicySetError';

  constructor(
    readonly fault: PolicySetFault,
    readonly file: string,
    sentence: string,
  ) {
    super(file === '' ? sentence : `${file}: ${sentence}`);
  }
}
