/** What is suspended now, as far as the files say: by the manifest on disk and by persons. */
import { readSource } from '../../controller/read-source.js';
import { MAX_MANIFEST_BYTES } from '../../reconcilers/desired/decode-text.js';
import { loadManifest } from '../../reconcilers/desired/load-manifest.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { Suspend } from '../../reconcilers/plan/suspension.js';
import { inForce } from '../../reconcilers/suspend/in-force.js';
import { SuspendFile } from '../../reconcilers/suspend/suspend-file.js';
import { ToldFile } from '../../reconcilers/suspend/suspend-keeper.js';
import { knownStack } from '../basics/known-stack.js';
import type { StackPaths } from '../basics/paths.js';

type Places = Pick<StackPaths, 'manifest' | 'stateDir'>;

export interface SuspendedNow {
  readonly suspends: readonly Suspend[];
  /** The manifest on disk, else the last good one; undefined where there is neither. */
  readonly stack?: StackSpec;
}

/** `now`: epoch milliseconds. */
export async function suspendedNow(places: Places, now: number): Promise<SuspendedNow> {
  const stack = await stackOf(places);
  const suspends = await suspendedOf(stack, places, now);
  return { suspends, ...(stack === undefined ? {} : { stack }) };
}

/** Of a manifest that is read already. */
export async function suspendedOf(
  stack: StackSpec | undefined,
  { stateDir }: Pick<StackPaths, 'stateDir'>,
  now: number,
): Promise<readonly Suspend[]> {
  const [requests, told] = await Promise.all([
    new SuspendFile(stateDir).read(),
    new ToldFile(stateDir).read(),
  ]);
  return inForce(stack, { told, requests }, now);
}

async function stackOf({ manifest, stateDir }: Places): Promise<StackSpec | undefined> {
  const source = await readSource(manifest, MAX_MANIFEST_BYTES);
  if (source.kind === 'unreadable') return knownStack(stateDir);
  const result = loadManifest(source.bytes, manifest);
  return result.ok ? result.stack : knownStack(stateDir);
}
