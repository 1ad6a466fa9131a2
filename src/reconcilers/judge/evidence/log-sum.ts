/** Sums of very large and very small weights, kept as natural logarithms so that nothing overflows, and the way from there to a number for JSON. */

/** Evidence above this says nothing more, and stays far from what JSON cannot carry. */
export const MAX_EVIDENCE = 1e12;

/** ln(e^a + e^b). */
export function logAdd(a: number, b: number): number {
  const larger = Math.max(a, b);
  if (larger === -Infinity) return -Infinity;
  return larger + Math.log1p(Math.exp(Math.min(a, b) - larger));
}

/** ln of the sum of e^value; -Infinity for none. */
export function logSum(values: readonly number[]): number {
  const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (largest === -Infinity) return -Infinity;
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

/** e^logValue between 0 and `MAX_EVIDENCE`. */
export function finiteEvidence(logValue: number): number {
  return Math.min(Math.exp(logValue), MAX_EVIDENCE);
}
