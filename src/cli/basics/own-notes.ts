/** Keeps a stack from being changed by notes that are another folder's: whoever copies a folder copies its state directory, too. */
import { homeOf, originalOf, type NotesHome } from '../../reconcilers/notes-home.js';
import { knownNotes } from './known-stack.js';
import { manifestName } from './manifest-name.js';
import { refuseFor, type Objection } from './objection.js';
import type { StackPaths } from './paths.js';

type Places = Pick<StackPaths, 'manifest' | 'stateDir'>;

/** Throws in words where the state directory is a copy. */
export async function refuseCopiedNotes(paths: Places): Promise<void> {
  refuseFor(await copiedNotes(paths));
}

/** Undefined where the notes are this folder's own, or there are none. */
export async function copiedNotes(paths: Places): Promise<Objection | undefined> {
  const { stack, home } = (await knownNotes(paths.stateDir)) ?? {};
  if (stack === undefined) return undefined;
  const original = home === undefined ? undefined : await originalOf(home, paths.stateDir);
  if (original !== undefined) return copyOf(original, stack.name, paths);
  return strangerWords(paths, stack.name, home);
}

function copyOf(original: string, stack: string, { stateDir }: Places): Objection {
  return {
    found: `${stateDir} is a copy of ${original}, the state directory of stack ${stack}, and remembers how things were there`,
    cure: `for a stack of its own here, remove the copy (rm -r ${stateDir}) and give the manifest a name and ports of its own; where stack ${stack} is to go on from here, remove the original (rm -r ${original})`,
  };
}

/** In a folder that may be a copy, another name is more likely to be a second stack than the new name of the first. */
async function strangerWords(
  { manifest, stateDir }: Places,
  stack: string,
  home: NotesHome | undefined,
): Promise<Objection | undefined> {
  if (home?.inode === (await homeOf(stateDir)).inode) return undefined;
  const name = await manifestName(manifest);
  if (name === undefined || name === stack) return undefined;
  const where = home === undefined ? 'nobody knows where' : `in ${home.path}`;
  return {
    found: `${manifest} says stack ${name}, and ${stateDir} remembers stack ${stack}, noted ${where}: it looks like a copy`,
    cure: `remove it for a new stack (rm -r ${stateDir}), or keep "name: ${stack}"`,
  };
}
