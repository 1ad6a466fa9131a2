/** The canary's last 30 seconds under the published names, for policies of older tools and for people. */
import type { Attempt } from './attempt.js';
import type { RecentFacts } from './canary-facts.js';
import { DurationHistogram } from './duration-histogram.js';
import type { Mark } from './track-tally.js';

const WINDOW_SECONDS = 30;
const P99 = 0.99;

interface Second {
  second: number;
  requests: number;
  errors: number;
  readonly durations: DurationHistogram;
}

export class RecentView {
  /** A second's place is its number modulo their count. */
  private readonly seconds: readonly Second[] = Array.from({ length: WINDOW_SECONDS + 1 }, () => ({
    second: -1,
    requests: 0,
    errors: 0,
    durations: new DurationHistogram(),
  }));

  add({ atMs, durationMs }: Attempt, { counts, origin }: Mark): void {
    const entry = counts ? this.entryOf(Math.floor(atMs / 1000)) : undefined;
    if (entry === undefined) return;
    entry.requests += 1;
    if (origin !== undefined) entry.errors += 1;
    entry.durations.add(durationMs);
  }

  facts(nowMs: number, isLeftOut: (second: number) => boolean): RecentFacts {
    const first = Math.floor(nowMs / 1000) - WINDOW_SECONDS + 1;
    const recent = this.seconds.filter(({ second }) => second >= first && !isLeftOut(second));
    const requests = sum(recent.map((entry) => entry.requests));
    if (requests === 0) return { window_seconds: WINDOW_SECONDS, requests };
    const errors = sum(recent.map((entry) => entry.errors));
    const durations = new DurationHistogram();
    for (const entry of recent) durations.addAll(entry.durations);
    const p99 = durations.quantile(P99);
    return {
      error_rate_percent: round((100 * errors) / requests),
      error_rate: errors / requests,
      ...(p99 === undefined ? {} : { p99_latency_ms: round(p99) }),
      window_seconds: WINDOW_SECONDS,
      requests,
    };
  }

  /** Absent for a second that has left the view. */
  private entryOf(second: number): Second | undefined {
    const entry = this.seconds[second % this.seconds.length];
    if (entry === undefined || entry.second > second) return undefined;
    if (entry.second < second) {
      entry.second = second;
      entry.requests = 0;
      entry.errors = 0;
      entry.durations.clear();
    }
    return entry;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** More digits than people read would only look precise. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
