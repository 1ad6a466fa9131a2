/** The stack that the state directory remembers: the last good manifest, and the name under which things run. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { KeptState } from '../../reconcilers/stack-state.js';
import { isState } from '../../reconcilers/state-shape.js';

/** Undefined when nothing is remembered, or nothing that can be read. */
export async function knownStack(stateDir: string): Promise<StackSpec | undefined> {
  return (await knownNotes(stateDir))?.stack;
}

/** As they are written there, whoever wrote them. */
export async function knownNotes(stateDir: string): Promise<Partial<KeptState> | undefined> {
  try {
    const notes: unknown = JSON.parse(await readFile(join(stateDir, 'state.json'), 'utf8'));
    return isState(notes) ? notes : undefined;
  } catch {
    return undefined;
  }
}
