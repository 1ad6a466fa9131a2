/** Which steps failed and why, a sentence each. Pure. */
import type { FailedStep } from '../apply/apply.js';
import { ForeignClaim, reasonOf } from '../docker/engine-errors.js';
import { listed } from './blockers.js';

export function failureWords({ step, error }: FailedStep): string {
  return error instanceof ForeignClaim
    ? error.message
    : `${step.kind} ${step.target} failed: ${reasonOf(error)}`;
}

/** One sentence for each service, however many of its replicas failed, and for each other part. */
export function failuresInWords(failed: readonly FailedStep[]): string {
  const byPart = new Map<string, FailedStep>();
  for (const result of failed) {
    const { target, gate } = result.step;
    const part = gate?.service === undefined ? `part ${target}` : `service ${gate.service.name}`;
    if (!byPart.has(part)) byPart.set(part, result);
  }
  return listed([...byPart.values()].map(failureWords));
}
