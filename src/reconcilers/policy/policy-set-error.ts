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
  | 'bad-metadata'
  | 'reserved';

/** One fault of a policy folder: `fault` is for decisions, `file` the path inside the folder (empty for the folder itself), `row` counts from 1. */
export class PolicySetError extends Error {
  override readonly name = 'PolicySetError';

  constructor(
    readonly fault: PolicySetFault,
    readonly file: string,
    sentence: string,
    readonly row?: number,
  ) {
    const place = [file, row].filter((part) => part !== undefined && part !== '').join(':');
    super(place === '' ? sentence : `${place}: ${sentence}`);
  }
}
