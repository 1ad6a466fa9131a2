/** How often a property is tried: bounded for every day, `RUNS=20` times as often for a night. */

const FACTOR = Number(process.env.RUNS ?? 1);

/** For a busy machine, and for shrinking. */
export const PATIENCE_MS = 120_000 * Math.max(1, FACTOR);

export function runs(count: number): number {
  return Math.ceil(count * FACTOR);
}
