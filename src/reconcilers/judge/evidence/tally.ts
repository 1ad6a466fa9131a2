/** What evidence is made of: how many of a track's requests went wrong in one way (failed, or were slow), and how likely that is. Pure. */
export interface Tally {
  readonly requests: number;
  readonly bad: number;
}

export const NOTHING: Tally = { requests: 0, bad: 0 };

export function plus(a: Tally, b: Tally): Tally {
  return { requests: a.requests + b.requests, bad: a.bad + b.bad };
}

/** The natural logarithms of the chances of a bad and of a good answer. */
export interface LogChances {
  readonly bad: number;
  readonly good: number;
}

export function logChances(rate: number): LogChances {
  return { bad: Math.log(rate), good: Math.log1p(-rate) };
}

/** ln of how much likelier the tally is with `chances` than with `base`, which allow both answers. */
export function logRatio(chances: LogChances, base: LogChances, { requests, bad }: Tally): number {
  // 0 of something impossible is no evidence, and 0 · -Infinity is not a number.
  const ofBad = bad === 0 ? 0 : bad * (chances.bad - base.bad);
  return ofBad + (requests - bad) * (chances.good - base.good);
}
