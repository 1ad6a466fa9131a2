/**
 * What a block says when a second counts as one request: had the canary something go wrong in it, had stable? Pure.
 *
 * It is the cluster-level summary of trials that allot whole clusters (Donner and Klar, "Design and Analysis of Cluster Randomization
 * Trials", 2000): however requests of one second hang together, a second is one observation, so nothing has to be learnt about that.
 * Togetherness.ts learns it, and after one outage of stable takes each later second for one request that was bad in part: 10 % errors are
 * a tenth of a bad one in each second there, and a bad second nearly each time here.
 *
 * To compare like with like as many are drawn from either track, without putting back: the chance that a bad one is among them is
 * hypergeometric. While the canary's requests fail no more often than stable's, and hang together no less, that chance is on average no
 * higher for it, whatever the correlation. To bet on the chance, and not on the draw, is to take the geometric mean of the factors over
 * all draws, which is at most their arithmetic one: so it stays an e-variable.
 */
import type { Tally } from './tally.js';
import type { Block } from './versus-baseline.js';

/** So many of each at most: among hundreds one bad answer is nothing special, and a canary with ten times as many is not told apart. */
const MOST_DRAWN = 20;

/** As if either track had one request; both have some. */
export function bySecond({ canary, stable }: Block): Block {
  const drawn = Math.min(canary.requests, stable.requests, MOST_DRAWN);
  return { canary: anyBad(canary, drawn), stable: anyBad(stable, drawn) };
}

function anyBad({ requests, bad }: Tally, drawn: number): Tally {
  let none = 1;
  for (let index = 0; index < drawn; index += 1)
    none *= Math.max(0, requests - bad - index) / (requests - index);
  return { requests: 1, bad: 1 - none };
}
