/** What a canary has of the requests, whatever its step says. Pure. */
import type { ServiceSpec } from '../desired/stack-spec.js';
import { bakeOf } from '../plan/bake.js';
import type { Rollout } from '../plan/memory.js';
import { raiseOf } from '../plan/rollout.js';

/** How far a canary is. */
export interface Standing {
  readonly spec: ServiceSpec;
  readonly rollout: Rollout;
  /** The version beside it; absent before the first promotion. */
  readonly stable?: ServiceSpec | undefined;
}

/** Percent. Where nobody stands beside it, and where it bakes, it has everything. */
export function servedShare({ spec, rollout, stable }: Standing): number {
  return stable === undefined || bakeOf(spec, rollout) !== undefined ? 100 : rollout.weight;
}

/** Percent: what its step says, where that is more than it has and the policies have not allowed it yet. */
export function openRaise({ spec, rollout, stable }: Standing): number | undefined {
  return stable === undefined || bakeOf(spec, rollout) !== undefined ? undefined : raiseOf(rollout, spec);
}

/** `25 %`; of a canary that is alone it says why it has everything. */
export function shareWords(standing: Standing): string {
  const share = `${String(servedShare(standing))} %`;
  return standing.stable === undefined ? `${share} (${ALONE})` : share;
}

export const ALONE = 'there is no stable version yet';
