/**
 * A bet against the limit that forgets: it is about the canary's requests since something happened, and begins anew when that happens
 * again. What both tracks suffered before then says nothing, however much it was. Pure; plain data that survives JSON.
 *
 * The first stretch begins with the rollout and stakes all. Until it ends it is the bet on the whole rollout, and costs nothing beside
 * that. Of those that follow the n-th stakes 1/(n(n+1)), together 1: so by the union of Ville's inequalities, while the canary is within
 * its limit, one of them ever reaches x with a probability of at most 1/x, however many there are and however often one looks. This takes
 * no more than that a stretch begins and ends by what others are asked, and not by how the canary will answer.
 */
import { NO_WAGER, wealthOf, type Wager } from './wager.js';

export interface Stretch {
  /** Stretches before this one in which the canary had requests. */
  readonly before: number;
  readonly wager: Wager;
}

export const FIRST_STRETCH: Stretch = { before: 0, wager: NO_WAGER };

/** One in which the canary had no request costs nothing. */
export function anew({ before, wager }: Stretch): Stretch {
  return { before: wager.batches === 0 ? before : before + 1, wager: NO_WAGER };
}

/** To be compared like any e-value: what it is less for there being others is taken off. */
export function evidenceIn({ before, wager }: Stretch): number {
  return wealthOf(wager, before === 0 ? 0 : -Math.log(before * (before + 1)));
}
