/** ln Γ(x) for x > 0, and with it ln B(a, b). Pure. */

/** Stirling's series is exact to double precision from here. */
const LARGE = 12;
/** B₂ₖ / (2k(2k−1)): the coefficients of Stirling's series. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360];

export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

export function logGamma(x: number): number {
  let shift = 0;
  let at = x;
  for (; at < LARGE; at += 1) shift += Math.log(at);
  const series = STIRLING.reduce((sum, coefficient, k) => sum + coefficient / at ** (2 * k + 1), 0);
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
