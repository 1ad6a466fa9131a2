/**
 * Errors come in bursts, and a burst is one event, not thirty: what a single second may say against a canary is bounded, unless nothing
 * in it went right. Pure.
 *
 * A bounded factor is at most the factor, so this never costs validity, and little time: what is really bad is bad in the next second
 * too. With both versions at 0.5 % errors in bursts of 0.3 to 1 s, unbounded factors blamed the canary in 65 to 75 % of rollouts; with the
 * bound, and togetherness.ts, in 0.3 to 3 % (bench/judge.ts simulates them).
 */
import type { Tally } from './tally.js';
import type { Bet } from './wager.js';

/** A batch with good answers among the bad multiplies no alternative's wealth by more than this. */
const MOST_FROM_A_MIXED_BATCH = 20;
const LOG_MOST = Math.log(MOST_FROM_A_MIXED_BATCH);

export function withoutBurst(bets: readonly Bet[], canary: Tally): readonly Bet[] {
  if (canary.bad === canary.requests) return bets;
  return bets.map((bet) => ({ ...bet, logFactor: Math.min(bet.logFactor, LOG_MOST) }));
}
