/** Random numbers that a recorded seed gives again: uniform (mulberry32), Poisson and binomial counts. */

/** Uniform in [0, 1). */
export type Random = () => number;

const GOLDEN = 0x6d2b79f5;
const TWO_32 = 4_294_967_296;

export function randomFrom(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return () => {
    state = (state + GOLDEN) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / TWO_32;
  };
}

/** Multiplying uniforms underflows above this mean; sums of smaller ones are Poisson too. */
const LARGEST_MEAN = 30;

export function poisson(random: Random, mean: number): number {
  if (mean > LARGEST_MEAN) return poisson(random, LARGEST_MEAN) + poisson(random, mean - LARGEST_MEAN);
  const floor = Math.exp(-mean);
  let count = -1;
  for (let product = 1; product > floor || count < 0; product *= random()) count += 1;
  return count;
}

/** Counts by jumping from hit to hit, so that rare hits are cheap. */
export function binomial(random: Random, trials: number, rate: number): number {
  if (rate > 0.5) return trials - binomial(random, trials, 1 - rate);
  if (rate <= 0) return 0;
  const logMiss = Math.log1p(-rate);
  let hits = -1;
  for (let at = 0; at <= trials; at += 1 + Math.floor(Math.log(1 - random()) / logMiss)) hits += 1;
  return hits;
}
