/**
 * Evidence that the canary goes wrong more often than the stable version beside it: two proportions, block by block, where a block is
 * time in which both answered. Pure.
 *
 * For one pair of rates (θc for the canary, θs < θc for stable) a block's factor is its likelihood under the pair over its likelihood
 * under the one rate θ₀ = share·θc + (1-share)·θs, where `share` is the canary's part of the block's requests: the e-variable of Turner,
 * Ly and Grünwald 2021 (arXiv 2106.02693). Under equal rates θ its expectation is f^nc·g^ns, with f and g linear in θ and nc·f + ns·g =
 * nc + ns, so never above 1 (means); a canary that is better only lowers it. This holds for every θ, block by block: an outage that both share says
 * nothing, and a weight that moves between blocks moves only the share.
 *
 * Of the two tests that design §7 names it is the one for weights that move in steps: "of all errors, has the canary more than its share"
 * (Lindon and Malek 2022, arXiv 2011.03567) is the same ratio with the successes left out, and they matter where the share is large: at
 * a weight of 50 % seven errors out of seven are needed for odds of 100, where seven good answers of stable beside them give 16,000.
 */
import { logChances, logRatio, type Tally } from './tally.js';
import type { Bet } from './wager.js';

/** What both tracks answered meanwhile. */
export interface Block {
  readonly canary: Tally;
  readonly stable: Tally;
}

/** Rates of stable, and how many times higher the canary's odds are: each pair is an alternative. */
const STABLE_RATES = [0.0002, 0.002, 0.01, 0.05, 0.25];
const ODDS_RATIOS = [1.5, 2.5, 5, 20, 100, 2000];
const PAIRS = STABLE_RATES.flatMap((stable) => ODDS_RATIOS.map((ratio) => pairOf(stable, ratio)));
const LOG_SHARE = -Math.log(PAIRS.length);

/** On each alternative alike; both tracks have requests. */
export function betsOver({ canary, stable }: Block): readonly Bet[] {
  const share = canary.requests / (canary.requests + stable.requests);
  return PAIRS.map((pair) => {
    const pooled = logChances(share * pair.canary + (1 - share) * pair.stable);
    const logFactor = logRatio(pair.ofCanary, pooled, canary) + logRatio(pair.ofStable, pooled, stable);
    return { logShare: LOG_SHARE, logFactor };
  });
}

function pairOf(stable: number, oddsRatio: number) {
  const canary = (oddsRatio * stable) / (1 - stable + oddsRatio * stable);
  return { stable, canary, ofStable: logChances(stable), ofCanary: logChances(canary) };
}
