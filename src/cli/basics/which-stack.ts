/** Which stack a folder is of, for commands that need neither a valid manifest nor a controller. */
import { readStatus } from '../status/status-document.js';
import { CommandError } from './exit.js';
import { knownStack } from './known-stack.js';
import { manifestName } from './manifest-name.js';
import { refuseCopiedNotes } from './own-notes.js';
import type { StackPaths } from './paths.js';

/** What a status says before any manifest was valid. */
const NAMELESS: readonly string[] = ['', 'unknown'];

/** By the state directory, else by the manifest; undefined where neither says it. */
export async function stackByNotes({
  stateDir,
  manifest,
}: Pick<StackPaths, 'stateDir' | 'manifest'>): Promise<string | undefined> {
  return (await knownStack(stateDir))?.name ?? (await manifestName(manifest));
}

/** What runs decides: the state directory's name for it, then the manifest's, then the last status. Rejects where nobody knows, or the state directory is a copy; it changes nothing. */
export async function whichStack(paths: StackPaths): Promise<string> {
  const { stateDir, manifest, status } = paths;
  await refuseCopiedNotes(paths);
  const known = await stackByNotes(paths);
  if (known !== undefined) return known;
  const read = await readStatus(status);
  if (read.kind === 'status' && !NAMELESS.includes(read.status.stack)) return read.status.stack;
  throw new CommandError(
    `which stack? ${manifest} is not a valid manifest, and nothing is remembered in ${stateDir}`,
  );
}
