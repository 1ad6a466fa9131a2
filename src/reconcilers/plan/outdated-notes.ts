/**
 * Notes that are older than what stands, as a backup of `.swiftdeploy` that is put back: by them the stack would be rolled back. A version
 * gets traffic only after notes know of it; so where a stable track that they know serves by versions of which they never heard, they are
 * not the last. Pure.
 */
import type { StackSpec } from '../desired/stack-spec.js';
import type { World } from '../observed/world.js';
import { hashOf } from './goals.js';
import type { ServiceMemory, StackMemory } from './memory.js';
import { inStablePlaces, isForgotten } from './recall.js';

export interface Notes {
  readonly memory: StackMemory;
  /** The last valid manifest that they know. */
  readonly stack?: StackSpec;
}

/** What serves, and is unknown to the notes. */
export interface OutdatedNote {
  readonly service: string;
  readonly version: string;
  /** The stable version of the notes; absent where they know none. */
  readonly noted?: string;
}

/** Empty where they may be the last. While one replica still is as noted, a rollout may have been on its way. */
export function outdatedNotes(notes: Notes, world: World): readonly OutdatedNote[] {
  return Object.entries(notes.memory.services).flatMap(([service, memory]) => {
    if (isForgotten(memory)) return [];
    const known = knownHashes(notes, service, memory);
    // By the proxy's own file: also before it is up, as after a reboot.
    const serving = inStablePlaces({ world }, service).filter(({ specHash }) => specHash !== undefined);
    const [first] = serving;
    if (first === undefined || serving.some(({ specHash }) => known.has(specHash))) return [];
    const noted = memory.stable?.container.version;
    return [{ service, version: first.version ?? '', ...(noted === undefined ? {} : { noted }) }];
  });
}

/** What the stable track may serve without another word in the notes. */
function knownHashes({ stack }: Notes, service: string, memory: ServiceMemory): ReadonlySet<unknown> {
  const { stable, canary, rollout } = memory;
  const wish = stack?.services.find(({ name }) => name === service);
  const wished = wish?.mode === 'stable' ? hashOf(wish) : undefined;
  const promoted = rollout?.bake === undefined ? undefined : hashOf(canary);
  return new Set([hashOf(stable), wished, promoted].filter((hash) => hash !== undefined));
}
