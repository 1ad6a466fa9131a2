/** What commands share that try something in a throw-away container of one of the stack's own images. */
import { randomBytes } from 'node:crypto';

/** A busy machine takes its time, and a person waits longer than a controller may. */
export const TRIAL_PATIENCE_MS = 60_000;

/** Beside the checks of a controller, and of another such command at the same moment. */
export function newTester(command: 'validate' | 'plan'): string {
  return `${command}-${randomBytes(3).toString('hex')}`;
}

/** The engine would not run it: the image is none of what it should be. `why` in the engine's words. */
export function cannotRunWords(image: string, why: string): string {
  return `no container of ${image} can be run: ${why.trim()}`;
}
