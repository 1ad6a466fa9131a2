/** Since when something has said nothing, on a wall clock that somebody may set. */
import type { World } from './world.js';

/** `since`: when it was silent first, if it was; epoch milliseconds, as `now`. A clock that was set back begins the count again. */
export function stillSilentSince(since: number | undefined, now: number): number {
  return Math.min(since ?? now, now);
}

/** Who runs and says nothing is started again when that lasts: with him the world is not at rest, whoever is served meanwhile. */
export function isAnybodySilent({ proxy, policyEngines }: Pick<World, 'proxy' | 'policyEngines'>): boolean {
  return [proxy, ...policyEngines.values()].some(({ silentSince }) => silentSince !== undefined);
}
