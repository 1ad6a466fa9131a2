/** Which step failed and why, in one sentence. Pure. */
import type { FailedStep } from '../apply/apply.js';
import { ForeignClaim, reasonOf } from '../docker/engine-errors.js';

export function failureWords({ step, error }: FailedStep): string {
  return error instanceof ForeignClaim
    ? error.message
    : `${step.kind} ${step.target} failed: ${reasonOf(error)}`;
}
