/**
 * How far requests of one second go wrong together, learnt from the stable version: the correlation of two requests of the same second.
 * Pure; sums that survive JSON.
 *
 * It never forgets: bursts that come once in minutes are to be known when the canary has one. So an outage of stable makes it believe for
 * good that a second is one request; by-second.ts is what the canary is compared by then.
 */
import type { Tally } from './tally.js';

export interface Togetherness extends Tally {
  /** Ordered pairs of two requests of the same second, and how many of them went wrong both. */
  readonly pairs: number;
  readonly badPairs: number;
}

export const ALL_ALONE: Togetherness = { requests: 0, bad: 0, pairs: 0, badPairs: 0 };

export function togetherAfter(known: Togetherness, { requests, bad }: Tally): Togetherness {
  return {
    requests: known.requests + requests,
    bad: known.bad + bad,
    pairs: known.pairs + requests * (requests - 1),
    badPairs: known.badPairs + bad * (bad - 1),
  };
}

/** How many requests of one second say as much as one that stands alone: Kish's design effect, at least 1. */
export function designEffect(known: Togetherness, requestsPerSecond: number): number {
  return 1 + Math.max(0, requestsPerSecond - 1) * correlation(known);
}

/** Between 0 and 1; 0 while nothing is known. */
function correlation({ requests, bad, pairs, badPairs }: Togetherness): number {
  if (bad === 0 || bad === requests || pairs === 0) return 0;
  const rate = bad / requests;
  const both = badPairs / pairs;
  return Math.min(1, Math.max(0, (both - rate * rate) / (rate * (1 - rate))));
}
