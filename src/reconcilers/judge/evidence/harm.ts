/** One way to go wrong (errors, or slowness) followed through a rollout: what is known for and against the canary. Pure; plain data. */
import type { Evidence } from '../canary-facts.js';
import { withoutBurst } from './burst.js';
import { bySecond } from './by-second.js';
import { MAX_EVIDENCE } from './log-sum.js';
import { anew, evidenceIn, FIRST_STRETCH, type Stretch } from './stretch.js';
import { NOTHING, plus, type Tally } from './tally.js';
import { ALL_ALONE, designEffect, togetherAfter, type Togetherness } from './togetherness.js';
import { betsOver, type Block } from './versus-baseline.js';
import { betsAbove, evidenceBelow } from './versus-limit.js';
import { betOn, NO_WAGER, wealthOf, type Bet, type Wager } from './wager.js';

export interface Harm {
  readonly canary: Tally;
  readonly worseThanLimit: Wager;
  /** The same, of the canary's requests since stable last answered, and since the shares last changed. */
  readonly sinceStable: Stretch;
  readonly sinceWeight: Stretch;
  readonly worseThanStable: Wager;
  /** The same, where a second counts as one. */
  readonly worseBySecond: Wager;
  /** Since both tracks last had requests: a comparison needs both. */
  readonly open: Block;
  readonly together: Togetherness;
}

/** Of the stake against stable this is on the seconds: it is needed only where requests have become dull. */
const BY_SECOND = 0.05;
const LOG_BY_SECOND = Math.log(BY_SECOND);
const LOG_BY_REQUEST = Math.log1p(-BY_SECOND);
const EMPTY: Block = { canary: NOTHING, stable: NOTHING };
export const NO_HARM: Harm = {
  canary: NOTHING,
  worseThanLimit: NO_WAGER,
  sinceStable: FIRST_STRETCH,
  sinceWeight: FIRST_STRETCH,
  worseThanStable: NO_WAGER,
  worseBySecond: NO_WAGER,
  open: EMPTY,
  together: ALL_ALONE,
};

export function harmAfter(harm: Harm, limitPercent: number, { canary, stable }: Block): Harm {
  const open = { canary: plus(harm.open.canary, canary), stable: plus(harm.open.stable, stable) };
  const closes = open.canary.requests > 0 && open.stable.requests > 0;
  const bets = canary.requests === 0 ? [] : withoutBurst(betsAbove(limitPercent / 100, canary), canary);
  return {
    canary: plus(harm.canary, canary),
    worseThanLimit: betOn(harm.worseThanLimit, bets),
    sinceStable: closes ? anew(harm.sinceStable) : longer(harm.sinceStable, bets),
    sinceWeight: longer(harm.sinceWeight, bets),
    worseThanStable: closes ? compared(harm, open) : harm.worseThanStable,
    worseBySecond: closes ? betOn(harm.worseBySecond, betsOver(bySecond(open))) : harm.worseBySecond,
    open: closes ? EMPTY : open,
    together: togetherAfter(harm.together, stable),
  };
}

/** The next second has other shares. */
export function withOtherShares(harm: Harm): Harm {
  return { ...harm, sinceWeight: anew(harm.sinceWeight) };
}

export function evidenceOf(harm: Harm, limitPercent: number): Evidence {
  return {
    limit_percent: limitPercent,
    worse_than_limit: wealthOf(harm.worseThanLimit),
    worse_than_limit_since_stable: evidenceIn(harm.sinceStable),
    worse_than_limit_since_weight: evidenceIn(harm.sinceWeight),
    better_than_limit: evidenceBelow(limitPercent / 100, harm.canary),
    ...(hasBaseline(harm) ? { worse_than_stable: worseThanStable(harm) } : {}),
    requests_since_stable: harm.open.canary.requests,
  };
}

/** Two bets with a stake of 1 together are one. */
function worseThanStable({ worseThanStable, worseBySecond }: Harm): number {
  const together = wealthOf(worseThanStable, LOG_BY_REQUEST) + wealthOf(worseBySecond, LOG_BY_SECOND);
  return Math.min(together, MAX_EVIDENCE);
}

function longer(stretch: Stretch, bets: readonly Bet[]): Stretch {
  return { ...stretch, wager: betOn(stretch.wager, bets) };
}

/** What stable's errors are like is taken from the past alone: a power below 1, fixed beforehand, keeps an e-value one (Jensen). */
function compared({ worseThanStable, together }: Harm, block: Block): Wager {
  const effect = designEffect(together, block.canary.requests);
  const bets = betsOver(block).map((one) => ({ ...one, logFactor: one.logFactor / effect }));
  return betOn(worseThanStable, withoutBurst(bets, block.canary));
}

/** What both answered stays compared when stable falls silent: whether that is an excuse is for the policy. */
function hasBaseline({ worseThanStable, open }: Harm): boolean {
  return worseThanStable.batches > 0 || open.stable.requests > 0;
}
