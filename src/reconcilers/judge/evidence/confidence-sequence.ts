/**
 * A 95 % confidence sequence for a rate: with a probability of 95 % it holds the true rate at every look at once, however often one looks. Pure.
 *
 * All rates p whose e-value, the mixture of all rates under Jeffreys' Beta(½, ½) against p, is below 20 (Robbins 1970; the two-category case
 * of Lindon and Malek 2022, "Anytime-valid inference for multinomial count data", arXiv 2011.03567).
 */
import { logBeta } from './log-gamma.js';
import type { Tally } from './tally.js';

const LOG_20 = Math.log(20);
const HALVINGS = 50;

/** [lowest, highest] as fractions; [0, 1] before the first request. */
export function confidenceSequence({ requests, bad }: Tally): readonly [number, number] {
  if (requests === 0) return [0, 1];
  const good = requests - bad;
  const logMixture = logBeta(bad + 0.5, good + 0.5) - logBeta(0.5, 0.5);
  function isRefuted(rate: number): boolean {
    return logMixture - logLikelihood(rate, bad, good) >= LOG_20;
  }
  const best = bad / requests;
  return [edge(0, best, isRefuted), edge(1, best, isRefuted)];
}

/** Between `outer` and `best`, which is never refuted, the rate where refutation begins; `outer` if even that is not refuted. */
function edge(outer: number, best: number, isRefuted: (rate: number) => boolean): number {
  if (outer === best || !isRefuted(outer)) return outer;
  let refuted = outer;
  let kept = best;
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (refuted + kept) / 2;
    if (isRefuted(middle)) refuted = middle;
    else kept = middle;
  }
  return kept;
}

function logLikelihood(rate: number, bad: number, good: number): number {
  return (bad === 0 ? 0 : bad * Math.log(rate)) + (good === 0 ? 0 : good * Math.log1p(-rate));
}
