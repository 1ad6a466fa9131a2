/** The manifest as a command that only looks takes it: as the controller would now. */
import { setTimeout as sleep } from 'node:timers/promises';
import { lookAtManifest, type ManifestLook } from '../../reconcilers/manifest-keeper.js';
import type { StackPaths } from '../basics/paths.js';
import { ManifestRefused } from '../checks/refused-manifest.js';
import type { SeenSource } from '../source/seen-source.js';
import type { Noted } from './open-plan.js';

const SETTLE_MS = 60;

export type Known = ManifestLook &
  Required<Pick<ManifestLook, 'stack'>> & {
    /** It is not valid, which what is removed need not be: the plan is for the last good one. */
    readonly isRefused: boolean;
  };

/** As the controller reads it: what is being written right now is read again, and of what is removed or not valid the last good one counts. */
export async function knownManifest(
  { manifest: path }: StackPaths,
  { state }: Noted,
  { manifest: file, removal }: SeenSource,
): Promise<Known> {
  for (;;) {
    const look = await lookAtManifest({ path, file }, state, state.stack?.name);
    const { stack } = look;
    if (look.unsettled) await sleep(SETTLE_MS);
    else if (stack !== undefined)
      return { ...look, stack, isRefused: !look.state.valid && removal === undefined };
    else throw new ManifestRefused(invalidWords(look), file, look.state.problems);
  }
}

export function invalidWords({ state: { problems } }: ManifestLook): string {
  return `the manifest is not valid:\n${problems.join('\n')}`;
}
