/**
 * Evidence for a rate against a fixed limit: likelihood ratios of alternatives, spread in the logarithm of the rate. Pure.
 *
 * The null hypotheses are composite ("the rate is at most the limit", "at least the limit"), yet the ratio is taken against the limit
 * alone. A request's factor, p₁/p₀ for a bad one and (1-p₁)/(1-p₀) for a good one, is expected to be 1 + (p-p₀)(p₁-p₀)/(p₀(1-p₀)) at a
 * true rate p: exactly 1 at the limit, less for every p on the null's side, whatever happened before and however p moves there (the
 * monotone likelihood ratio, request by request). So products of factors, and mixtures of such products, are e-processes: Robbins 1970;
 * Grünwald, de Heide and Koolen, "Safe testing", arXiv 1906.07801; for canaries Lindon, Sanden and Shirikian 2022, arXiv 2205.14762.
 *
 * How much is staked on which alternative is free, as long as it is fixed beforehand. Above the limit it is the more, the further the
 * alternative is from both ends: a rate just above the limit hurts few, and is not told from the limit in time whatever is staked on it;
 * one near 1 is refuted by its first good answer, and where all fail the rates in the middle say so just as well. Against an even stake
 * this saves 0.3 of the 6.5 nats that 5 % and 20 % errors need at a limit of 1 %; ln 100 = 4.6 of them nobody can save (bench/judge.md).
 */
import { finiteEvidence, logSum } from './log-sum.js';
import { logChances, logRatio, type Tally } from './tally.js';
import type { Bet } from './wager.js';

const ALTERNATIVES = 30;
const STEPS = Array.from({ length: ALTERNATIVES }, (_, index) => (index + 0.5) / ALTERNATIVES);
/** Σ step · (1 - step): with it the parts of the stake add up to 1. */
const WHOLE = STEPS.reduce((sum, step) => sum + step * (1 - step), 0);
const ABOVE = STEPS.map((step) => ({ step, logShare: Math.log((step * (1 - step)) / WHOLE) }));
/** Alternatives below the limit reach from it down to this part of it, and 0. */
const LOWEST_PART = 0.001;
const PARTS = STEPS.map((step) => LOWEST_PART ** step);
/** A limit of 0 is treated as this for the evidence against a version: one error then refutes it. */
const SMALLEST_LIMIT = 1e-9;

/** On each alternative above the limit (a fraction); none where nothing can be above it. */
export function betsAbove(limit: number, tally: Tally): readonly Bet[] {
  if (limit >= 1) return [];
  const base = logChances(Math.max(limit, SMALLEST_LIMIT));
  return ABOVE.map(({ step, logShare }) => {
    const chances = logChances(Math.exp(base.bad * (1 - step)));
    return { logShare, logFactor: logRatio(chances, base, tally) };
  });
}

/** The e-value for "below the limit", of everything so far. Nothing is below a limit of 0: that stays 1. */
export function evidenceBelow(limit: number, tally: Tally): number {
  if (limit <= 0) return 1;
  const highest = Math.min(limit, 1 - Number.EPSILON);
  const base = logChances(highest);
  const rates = [0, ...PARTS.map((part) => highest * part)];
  const logs = rates.map((rate) => logRatio(logChances(rate), base, tally));
  return finiteEvidence(logSum(logs) - Math.log(logs.length));
}
