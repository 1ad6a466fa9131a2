/** A quantile of the requests in a window, interpolated in its bucket as Prometheus does; for people, not for judging. */

/** In seconds. `buckets`: upper bound → requests not slower; undefined without requests or without the last bucket. */
export function quantile(q: number, buckets: ReadonlyMap<number, number>): number | undefined {
  const total = buckets.get(Infinity);
  if (total === undefined || total <= 0) return undefined;
  const bounds = [...buckets.keys()].filter((bound) => bound !== Infinity).sort((a, b) => a - b);
  const rank = q * total;
  let [below, lower] = [0, 0];
  for (const bound of bounds) {
    const upTo = Math.max(below, buckets.get(bound) ?? 0);
    if (upTo >= rank) return lower + ((bound - lower) * (rank - below)) / (upTo - below);
    [below, lower] = [upTo, bound];
  }
  return bounds.at(-1); // slower than every bound: at least this
}
