/** What the proxy saw of two tracks, a second at a time, and the evidence after it. */
import type { CanaryLimits } from '../../src/reconcilers/judge/canary-facts.js';
import {
  evidenceFacts,
  noEvidence,
  withBatch,
  type EvidenceBatch,
  type EvidenceState,
} from '../../src/reconcilers/judge/evidence.js';

export const LIMITS: CanaryLimits = { max_error_percent: 1, slow_ms: 500, max_slow_percent: 1 };

export interface Answers {
  readonly requests: number;
  readonly errors: number;
}

export function batch({ requests, errors }: Answers): EvidenceBatch {
  return { canary: { requests, errors, slow: 0 } };
}

export function both(
  requests: number,
  errors: number,
  ofStable: number,
  stableErrors: number,
): EvidenceBatch {
  return { ...batch({ requests, errors }), stable: { requests: ofStable, errors: stableErrors, slow: 0 } };
}

export function many(count: number, one: EvidenceBatch): EvidenceBatch[] {
  return Array.from({ length: count }, () => one);
}

export function after(batches: readonly EvidenceBatch[], limits = LIMITS): EvidenceState {
  return batches.reduce(withBatch, noEvidence(limits));
}

export function errorsAfter(batches: readonly EvidenceBatch[], limits = LIMITS) {
  return evidenceFacts(after(batches, limits)).errors;
}
