/** Which stack a folder is of, for commands that need neither a valid manifest nor a controller. */
import { readStatus } from '../status/status-document.js';
import { CommandError } from './exit.js';
import { knownStack } from './known-stack.js';
import { manifestName } from './manifest-name.js';
import { refuseCopiedNotes } from './own-notes.js';
import type { StackPaths } from './paths.js';

/** What a status says before any manifest was valid. */
const NAMELESS: readonly string[] = ['', 'unknown'];

/** What runs decides: the state directory's name for it, then the manifest's, then the last status. Rejects where nobody knows, or the state directory is a copy; it changes nothing. */
export async function whichStack(paths: StackPaths): Promise<string> {
  const { stateDir, manifest, status } = paths;
  await refuseCopiedNotes(paths);
  const known = (await knownStack(stateDir))?.name ?? (await manifestName(manifest));
  if (known !== undefined) return known;
  const read = await readStatus(status);
  if (read.kind === 'status' && !NAMELESS.includes(read.status.stack)) return read.status.stack;
  throw new CommandError(
    `which stack? ${manifest} is not a valid manifest, and nothing is remembered in ${stateDir}`,
  );
}
