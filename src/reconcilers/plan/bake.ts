/**
 * The time after a promotion in which the new version serves everybody while the old one stands by and the policies keep judging. It is
 * the last part of a rollout: nothing is promoted for good before it is over. Pure.
 */
import { specHash } from '../desired/spec-hash.js';
import type { ServiceSpec } from '../desired/stack-spec.js';
import type { Bake, Rollout, ServiceMemory } from './memory.js';
import type { CanaryVerdict } from './rollout.js';

/** The manifest promotes a live canary that is to bake, and has not yet done so. Without a version to go back to there is no bake. */
export function bakes(spec: ServiceSpec, { stable, canary, rollout }: ServiceMemory): boolean {
  if (spec.mode !== 'stable' || spec.canary?.bakeMs === undefined || spec.route === undefined) return false;
  if (stable === undefined || canary === undefined || rollout?.startedAt === undefined) return false;
  const hash = specHash(spec.container);
  const isCanarys = specHash(canary.container) === hash && rollout.specHash === hash;
  return isCanarys && specHash(stable.container) !== hash && rollout.bake?.isOver !== true;
}

/** The bake that `spec` is in; absent for another version, and for one that is called a canary again. */
export function bakeOf(
  { mode, container }: Pick<ServiceSpec, 'mode' | 'container'>,
  rollout: Rollout | undefined,
): Bake | undefined {
  if (mode !== 'stable' || rollout?.bake === undefined) return undefined;
  return rollout.specHash === specHash(container) ? rollout.bake : undefined;
}

/** How long it is to be, seconds. */
export function bakeSeconds({ canary }: Pick<ServiceSpec, 'canary'>): number {
  return (canary?.bakeMs ?? 0) / 1000;
}

/** When it may be over at the earliest, epoch milliseconds. */
export function bakeEnd({ canary }: Pick<ServiceSpec, 'canary'>, { since }: Bake): number {
  return since + (canary?.bakeMs ?? 0);
}

/** It serves everybody: the time counts, and ends the bake when the policies let it. A bake never starts over. */
export function baked(
  rollout: Rollout,
  spec: Pick<ServiceSpec, 'canary'>,
  { now, verdict }: { readonly now: number; readonly verdict: CanaryVerdict | undefined },
): Rollout {
  const bake = rollout.bake ?? { since: now, isOver: false };
  const isOver = now >= bakeEnd(spec, bake) && verdict?.verdict === 'advance';
  return { ...rollout, bake: { ...bake, isOver } };
}
