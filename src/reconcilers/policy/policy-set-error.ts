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
  | 'no-domain'
  | 'no-package'
  | 'wrong-package'
  | 'bad-metadata'
  | 'bad-data'
  | 'bad-rego'
  | 'reserved';

/** Both from 1. */
export interface PlaceInFile {
  readonly row: number;
  readonly column: number;
}

/** One fault of a policy folder: `fault` is for decisions, `file` the path inside the folder (empty for the folder itself), `at` where in it. */
export class PolicySetError extends Error {
  override readonly name = 'PolicySetError';

  constructor(
    readonly fault: PolicySetFault,
    readonly file: string,
    readonly sentence: string,
    readonly at?: PlaceInFile,
  ) {
    const place = [file, at?.row, at?.column].filter((part) => part !== undefined && part !== '').join(':');
    super(place === '' ? sentence : `${place}: ${sentence}`);
  }
}
