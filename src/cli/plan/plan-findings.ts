/** What no step can mend: seen at the first look, or found in the way of a step. Pure. */
import type { StepResult } from '../../reconcilers/apply/apply.js';
import { ForeignClaim } from '../../reconcilers/docker/engine-errors.js';
import type { Foresight } from '../../reconcilers/foresee.js';
import type { Finding } from '../../reconcilers/plan/plan-input.js';

export function planFindings({ first, ticks }: Foresight): readonly Finding[] {
  const found = [
    ...first.findings,
    ...ticks.flatMap(({ plan }) => plan.findings),
    ...ticks.flatMap(({ results }) => results.flatMap((result) => blockerOf(result) ?? [])),
  ];
  return [...new Map(found.map((finding) => [finding.message, finding])).values()];
}

/** Somebody else has what this step needs. */
function blockerOf(result: StepResult): Finding | undefined {
  if (result.kind !== 'failed' || !(result.error instanceof ForeignClaim)) return undefined;
  return { kind: 'foreign', target: result.error.claimed, message: result.error.message };
}
