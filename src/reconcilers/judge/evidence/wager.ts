/**
 * A bet against a null hypothesis, spread over alternatives and over the moment from which one of them is true: a version may turn
 * bad after an hour. Pure; plain data that survives JSON.
 *
 * It starts with a wealth of 1. `AT_ONCE` of it is staked before the first batch, and of the rest 1/(t(t+1)) before batch t; each
 * alternative's wealth is then multiplied by its factor for the batch. While no factor is expected to exceed 1 under the null, whatever
 * happened before, the wealth is a non-negative supermartingale, and by Ville's inequality it ever reaches x with a probability of at
 * most 1/x, however often one looks. That a mixture over starting times is an e-process too: Shin, Ramdas and Rinaldo, "E-detectors",
 * arXiv 2203.03532.
 */
import { finiteEvidence, logAdd, logSum } from './log-sum.js';

export interface Wager {
  readonly batches: number;
  /** Natural logarithms of what each alternative owns; empty before the first batch. */
  readonly logWealth: readonly number[];
}

export const NO_WAGER: Wager = { batches: 0, logWealth: [] };

/** Most versions that are bad are so from their first request on; what is left pays for those that turn bad later. */
const AT_ONCE = 0.9;

/** An alternative, in one batch. */
export interface Bet {
  /** The log of its likelihood ratio against the null, of this batch alone. */
  readonly logFactor: number;
  /** The log of its part of the stake: the same in every batch; the parts of all alternatives add up to 1. */
  readonly logShare: number;
}

/** `bets`: every alternative's, always in the same order; none where nothing can be bet on. */
export function betOn(wager: Wager, bets: readonly Bet[]): Wager {
  if (bets.length === 0) return wager;
  const { batches, logWealth } = wager;
  const logStake = Math.log(reserve(batches) - reserve(batches + 1));
  return {
    batches: batches + 1,
    logWealth: bets.map(
      ({ logFactor, logShare }, index) =>
        logAdd(logWealth[index] ?? -Infinity, logStake + logShare) + logFactor,
    ),
  };
}

/** The e-value, of a stake with this logarithm: 1 of a whole one before any batch. */
export function wealthOf({ batches, logWealth }: Wager, logStake = 0): number {
  return finiteEvidence(logSum([Math.log(reserve(batches)), ...logWealth]) + logStake);
}

/** What is not staked yet after so many batches. */
function reserve(batches: number): number {
  return batches === 0 ? 1 : (1 - AT_ONCE) / batches;
}
