/** A manifest that is refused, and what a command that prints data prints instead: the check that `validate -o json` would show. */
import { CommandError, EXIT } from '../basics/exit.js';
import type { OutputForm } from '../basics/options.js';
import { print } from '../basics/talk.js';
import { fail, joined } from './finding.js';
import { checksDocument, type ChecksDocument } from './print-checks.js';

export class ManifestRefused extends CommandError {
  /** `words`: for people; `problems`: each as a sentence, with its place. */
  constructor(
    words: string,
    readonly manifest: string,
    readonly problems: readonly string[],
  ) {
    super(words, EXIT.badManifest);
  }
}

export interface Telling {
  readonly command: ChecksDocument['command'];
  readonly output: OutputForm | undefined;
}

/** What refuses the manifest is thrown on, told as data before where data was asked for. */
export async function tellingRefusal<T>({ command, output }: Telling, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ManifestRefused && output === 'json') print(json(command, error));
    throw error;
  }
}

function json(command: ChecksDocument['command'], { manifest, problems }: ManifestRefused): string {
  const count = `${String(problems.length)} error${problems.length === 1 ? '' : 's'}`;
  const items = problems.map((problem) => fail(problem));
  const check = { name: 'manifest', ...joined(`${manifest} has ${count}`, items) };
  return JSON.stringify(checksDocument(command, [check]), undefined, 2);
}
