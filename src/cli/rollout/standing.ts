/** Where a service's rollout is by the manifest on disk, or why there is none. Pure. */
import { specHash } from '../../reconcilers/desired/spec-hash.js';
import type { ServiceSpec } from '../../reconcilers/desired/stack-spec.js';
import { hasFailed } from '../../reconcilers/plan/goals.js';
import type { ServiceMemory } from '../../reconcilers/plan/memory.js';
import { rolloutOf } from '../../reconcilers/plan/rollout.js';
import type { Standing } from '../../reconcilers/report/served-share.js';

/** `spec`: as the manifest on disk says it. A text says why not, with the cure. */
export function standingOf(spec: ServiceSpec, memory: ServiceMemory): Standing | string {
  const { name } = spec;
  if (hasCanaryFailed(spec, memory))
    return `the canary of ${name} has failed and is not rolled out: "swiftdeploy rollout abort" goes back, "swiftdeploy rollout retry" tries it again`;
  if (spec.mode !== 'canary')
    return memory.rollout?.bake === undefined
      ? `${name} has no canary: its mode is stable`
      : `the canary of ${name} is promoted and bakes: "swiftdeploy rollout abort" goes back, "swiftdeploy promote canary" makes it a canary again`;
  if (memory.rollout === undefined)
    return `the canary of ${name} has not started yet: "swiftdeploy deploy" starts it`;
  const rollout = rolloutOf(spec, specHash(spec.container), memory);
  return { spec, rollout, stable: memory.stable };
}

/** A canary may fail under `mode: stable`, too: in its bake, or while its promotion is denied. */
function hasCanaryFailed(spec: ServiceSpec, memory: ServiceMemory): boolean {
  return hasFailed(spec, memory) && (spec.mode === 'canary' || memory.failed?.track === 'canary');
}
