/** Which containers have a program that is stopped before they are removed. Pure. */
import type { ObservedContainer } from '../observed/world.js';

/** Its program runs, is frozen, or is about to be started again by the engine: a removal alone would kill it. */
export function needsStop({ state }: Pick<ObservedContainer, 'state'>): boolean {
  return state === 'running' || state === 'restarting' || state === 'paused';
}
