/** One way to go wrong (errors, or slowness) followed through a rollout: what is known for and against the canary. Pure; plain data. */
import type { Evidence } from '../canary-facts.js';
import { withoutBurst } from './burst.js';
import { NOTHING, plus, type Tally } from './tally.js';
import { ALL_ALONE, designEffect, togetherAfter, type Togetherness } from './togetherness.js';
import { betsOver, type Block } from './versus-baseline.js';
import { betsAbove, evidenceBelow } from './versus-limit.js';
import { betOn, NO_WAGER, wealthOf, type Bet, type Wager } from './wager.js';

export interface Harm {
  readonly canary: Tally;
  readonly worseThanLimit: Wager;
  readonly worseThanStable: Wager;
  /** Since both tracks last had requests: a comparison needs both. */
  readonly open: Block;
  readonly together: Togetherness;
}

const EMPTY: Block = { canary: NOTHING, stable: NOTHING };
export const NO_HARM: Harm = {
  canary: NOTHING,
  worseThanLimit: NO_WAGER,
  worseThanStable: NO_WAGER,
  open: EMPTY,
  together: ALL_ALONE,
};

/** A baseline that stays silent while the canary answers this often is none. */
const SILENT_AFTER = 100;

export function harmAfter(harm: Harm, limitPercent: number, { canary, stable }: Block): Harm {
  const open = { canary: plus(harm.open.canary, canary), stable: plus(harm.open.stable, stable) };
  const closes = open.canary.requests > 0 && open.stable.requests > 0;
  return {
    canary: plus(harm.canary, canary),
    worseThanLimit: bet(harm.worseThanLimit, betsAbove(limitPercent / 100, canary), canary),
    worseThanStable: closes ? compared(harm, open) : harm.worseThanStable,
    open: closes ? EMPTY : open,
    together: togetherAfter(harm.together, stable),
  };
}

export function evidenceOf(harm: Harm, limitPercent: number): Evidence {
  return {
    limit_percent: limitPercent,
    worse_than_limit: wealthOf(harm.worseThanLimit),
    better_than_limit: evidenceBelow(limitPercent / 100, harm.canary),
    ...(hasBaseline(harm) ? { worse_than_stable: wealthOf(harm.worseThanStable) } : {}),
  };
}

function bet(wager: Wager, bets: readonly Bet[], canary: Tally): Wager {
  return canary.requests === 0 ? wager : betOn(wager, withoutBurst(bets, canary));
}

/** What stable's errors are like is taken from the past alone: a power below 1, fixed beforehand, keeps an e-value one (Jensen). */
function compared({ worseThanStable, together }: Harm, block: Block): Wager {
  const effect = designEffect(together, block.canary.requests);
  const bets = betsOver(block).map((one) => ({ ...one, logFactor: one.logFactor / effect }));
  return bet(worseThanStable, bets, block.canary);
}

function hasBaseline({ worseThanStable, open }: Harm): boolean {
  return open.canary.requests < SILENT_AFTER && (worseThanStable.batches > 0 || open.stable.requests > 0);
}
