/** Which service of which manifest a command is about; throws in words where there is none. */
import { readSource } from '../../controller/read-source.js';
import { MAX_MANIFEST_BYTES } from '../../reconcilers/desired/decode-text.js';
import { loadManifest } from '../../reconcilers/desired/load-manifest.js';
import { formatProblem } from '../../reconcilers/desired/manifest-problem.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { suggestWord } from '../../reconcilers/desired/suggest-word.js';
import { CommandError, EXIT } from '../basics/exit.js';

/** The manifest on disk, which must be good. */
export async function readManifest(path: string): Promise<{ bytes: Buffer; stack: StackSpec }> {
  const source = await readSource(path, MAX_MANIFEST_BYTES);
  if (source.kind === 'unreadable') throw new CommandError(`${path} ${source.message}`, EXIT.badManifest);
  const result = loadManifest(source.bytes, path);
  if (result.ok) return { bytes: source.bytes, stack: result.stack };
  throw new CommandError(result.problems.map(formatProblem).join('\n'), EXIT.badManifest);
}

/** The one that was named, or the only one. */
export function serviceOf({ services }: StackSpec, wanted: string | undefined): string {
  const names = services.map(({ name }) => name);
  const [only] = names;
  if (wanted === undefined && only !== undefined && names.length === 1) return only;
  const listed = names.join(', ');
  if (wanted === undefined)
    throw new CommandError(`the manifest has several services: say which with --service (${listed})`);
  if (names.includes(wanted)) return wanted;
  const near = suggestWord(wanted, names);
  const hint = near === undefined ? `there are ${listed}` : `did you mean ${near}?`;
  throw new CommandError(`there is no service ${wanted}: ${hint}`);
}
