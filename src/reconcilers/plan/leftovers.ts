/** What a version that failed left behind, and that goes before it is tried anew. Pure. */
import { attemptHash } from '../desired/spec-hash.js';
import type { ServiceSpec } from '../desired/stack-spec.js';
import type { ObservedContainer } from '../observed/world.js';
import type { PlanInput } from './plan-input.js';
import type { Chain } from './steps.js';
import { leaverFacts } from './surplus.js';

/** Empty unless a failure is to be tried anew: that starts with a clean place. */
export function failedLeftovers(input: PlanInput, spec: ServiceSpec): readonly ObservedContainer[] {
  const failed = input.memory.services[spec.name]?.failed;
  if (failed === undefined || failed.attempt === attemptHash(spec)) return [];
  return input.world.containers.filter(
    ({ service, specHash, state }) =>
      service === spec.name && specHash === failed.specHash && ['exited', 'created'].includes(state),
  );
}

export function removeLeftover(container: ObservedContainer): Chain {
  const { id, name } = container;
  const cause = 'it is left of a version that failed and is to be tried anew';
  // The way back leads over it.
  const gate = { question: 'remove', direction: 'back', ...leaverFacts(container) } as const;
  return [{ kind: 'removeContainer', target: name, id, cause, gate }];
}
