/**
 * Batches of what the proxy saw go in, evidence for the policy comes out (design §7): e-values and confidence sequences that hold however
 * often one looks. Pure: no clock, no randomness; the state is plain data, and the same batches in the same order give the same numbers.
 */
import type { CanaryLimits, Evidence, WindowTally } from './canary-facts.js';
import { confidenceSequence } from './evidence/confidence-sequence.js';
import { evidenceOf, harmAfter, NO_HARM, withOtherShares, type Harm } from './evidence/harm.js';
import type { Tally } from './evidence/tally.js';

/** One second of the log, cut by the log's own clock: what a burst is, is measured by it. */
export interface EvidenceBatch {
  readonly canary: WindowTally;
  /** Absent while no stable version takes traffic. */
  readonly stable?: WindowTally;
  /** How often the shares had changed before it; a number that only grows. */
  readonly changes?: number;
}

/** It belongs to these limits: when they change, start again and go through the batches once more. */
export interface EvidenceState {
  readonly limits: CanaryLimits;
  readonly errors: Harm;
  readonly slow: Harm;
  /** Of the last batch. */
  readonly changes: number;
}

const SILENCE: WindowTally = { requests: 0, errors: 0, slow: 0 };

export function noEvidence(limits: CanaryLimits): EvidenceState {
  return { limits, errors: NO_HARM, slow: NO_HARM, changes: 0 };
}

export function withBatch(state: EvidenceState, batch: EvidenceBatch): EvidenceState {
  const { limits } = state;
  const { canary, stable = SILENCE, changes = state.changes } = batch;
  const { errors, slow } = changes === state.changes ? state : besideOtherShares(state);
  return {
    limits,
    errors: harmAfter(errors, limits.max_error_percent, {
      canary: failed(canary),
      stable: failed(stable),
    }),
    slow: harmAfter(slow, limits.max_slow_percent, {
      canary: delayed(canary),
      stable: delayed(stable),
    }),
    changes,
  };
}

export function evidenceFacts({ limits, errors, slow }: EvidenceState): {
  readonly errors: Evidence;
  readonly slow: Evidence;
} {
  return {
    errors: evidenceOf(errors, limits.max_error_percent),
    slow: evidenceOf(slow, limits.max_slow_percent),
  };
}

/** 95 %, valid at every look, in percent; absent without a request. */
export function intervalPercent(requests: number, bad: number): readonly [number, number] | undefined {
  if (requests === 0) return undefined;
  const [lowest, highest] = confidenceSequence({ requests, bad });
  return [lowest * 100, highest * 100];
}

function besideOtherShares({ errors, slow }: EvidenceState): Pick<EvidenceState, 'errors' | 'slow'> {
  return { errors: withOtherShares(errors), slow: withOtherShares(slow) };
}

function failed({ requests, errors }: WindowTally): Tally {
  return { requests, bad: errors };
}

function delayed({ requests, slow }: WindowTally): Tally {
  return { requests, bad: slow };
}
