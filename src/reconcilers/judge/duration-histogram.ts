/** Durations in buckets that grow by a tenth: quantiles off by at most 5 %, in little memory. */

const GROWTH = 1.1;
const LOG_GROWTH = Math.log(GROWTH);
/** Up to 24 hours. */
const BUCKETS = 2 + Math.ceil(Math.log(86_400_000) / LOG_GROWTH);

export class DurationHistogram {
  private readonly counts = new Uint32Array(BUCKETS);
  private total = 0;

  add(durationMs: number): void {
    const bucket = bucketOf(durationMs);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.total += 1;
  }

  addAll({ counts, total }: DurationHistogram): void {
    for (let bucket = 0; bucket < BUCKETS; bucket += 1)
      this.counts[bucket] = (this.counts[bucket] ?? 0) + (counts[bucket] ?? 0);
    this.total += total;
  }

  clear(): void {
    this.counts.fill(0);
    this.total = 0;
  }

  /** Milliseconds; the smallest duration that this share of all is not slower than. Absent without any. */
  quantile(share: number): number | undefined {
    if (this.total === 0) return undefined;
    const rank = Math.ceil(share * this.total);
    let upTo = 0;
    const bucket = this.counts.findIndex((count) => (upTo += count) >= rank);
    return middleOf(bucket);
  }
}

/** Bucket 0 is 0 ms; bucket n begins at 1.1 ^ (n - 1). */
function bucketOf(durationMs: number): number {
  if (durationMs < 1) return 0;
  return Math.min(BUCKETS - 1, 1 + Math.floor(Math.log(durationMs) / LOG_GROWTH));
}

/** As far from the bucket's one end as from its other, in percent. */
function middleOf(bucket: number): number {
  return bucket === 0 ? 0 : GROWTH ** (bucket - 0.5);
}
