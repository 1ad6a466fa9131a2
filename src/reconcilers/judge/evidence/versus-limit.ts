/**
 * Evidence for a rate against a fixed limit: likelihood ratios of alternatives, spread evenly in the logarithm of the rate. Pure.
 *
 * The null hypotheses are composite ("the rate is at most the limit", "at least the limit"), yet the ratio is taken against the limit
 * alone. A request's factor, p₁/p₀ for a bad one and (1-p₁)/(1-p₀) for a good one, is expected to be 1 + (p-p₀)(p₁-p₀)/(p₀(1-p₀)) at a
 * true rate p: exactly 1 at the limit, less for every p on the null's side, whatever happened before and however p moves there (the
 * monotone likelihood ratio, request by request). So products of factors, and mixtures of such products, are e-processes: Robbins 1970;
 * Grünwald, de Heide and Koolen, "Safe testing", arXiv 1906.07801; for canaries Lindon, Sanden and Shirikian 2022, arXiv 2205.14762.
 */
import { finiteEvidence, logSum } from './log-sum.js';
import { logChances, logRatio, type Tally } from './tally.js';

const ALTERNATIVES = 30;
const STEPS = Array.from({ length: ALTERNATIVES }, (_, index) => (index + 0.5) / ALTERNATIVES);
/** Alternatives below the limit reach from it down to this part of it, and 0. */
const LOWEST_PART = 0.001;
const PARTS = STEPS.map((step) => LOWEST_PART ** step);
/** A limit of 0 is treated as this for the evidence against a version: one error then refutes it. */
const SMALLEST_LIMIT = 1e-9;

/** For each alternative above the limit (a fraction) the log of its factor; none where nothing can be above it. */
export function logFactorsAbove(limit: number, tally: Tally): number[] {
  if (limit >= 1) return [];
  const base = logChances(Math.max(limit, SMALLEST_LIMIT));
  return STEPS.map((step) => logRatio(logChances(Math.exp(base.bad * (1 - step))), base, tally));
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
