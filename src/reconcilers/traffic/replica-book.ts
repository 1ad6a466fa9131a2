/**
 * What one replica's counters did lately: a list of growths, each with the time that it covers. It outlives its replica until it
 * has left the window, because what a crash cost must not vanish with the process.
 */
import { growthOf, isAnotherProcess, type Growth } from '../../probes/metrics/growth.js';
import type { MetricsSample } from '../../probes/metrics/scan-metrics.js';

/** Times are milliseconds on the caller's clock, which never goes back. */
export interface Span extends Growth {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Look {
  readonly sample: MetricsSample;
  readonly atMs: number;
}

export class ReplicaBook {
  private spans: readonly Span[] = [];
  private misses: readonly number[] = [];
  private resets: readonly number[] = [];
  private latest: Look | undefined;

  /** `newSinceMs`: when the process started, where all that it counted since is to be counted; else the first sample is only where counting starts. */
  constructor(private readonly newSinceMs: number | undefined) {}

  get last(): Look | undefined {
    return this.latest;
  }

  /** True if it counted requests. `quietSinceMs`: until then nothing is believed to have happened. */
  note(sample: MetricsSample, atMs: number, quietSinceMs = -Infinity): boolean {
    const startMs = this.latest?.atMs ?? this.newSinceMs;
    if (this.latest !== undefined && isAnotherProcess(this.latest.sample, sample))
      this.resets = [...this.resets, atMs];
    const growth = startMs === undefined ? undefined : growthOf(this.latest?.sample, sample);
    this.latest = { sample, atMs };
    if (growth === undefined || startMs === undefined) return false;
    const fromMs = Math.min(atMs, Math.max(startMs, quietSinceMs));
    if (sample.countsRequests) this.spans = [...this.spans, { ...growth, fromMs, toMs: atMs }];
    return growth.requests > 0;
  }

  miss(atMs: number): void {
    this.misses = [...this.misses, atMs];
  }

  /** Forgets what ended before; true when nothing is left. */
  forget(beforeMs: number): boolean {
    this.spans = this.spans.filter(({ toMs }) => toMs > beforeMs);
    this.misses = this.misses.filter((atMs) => atMs > beforeMs);
    this.resets = this.resets.filter((atMs) => atMs > beforeMs);
    return [this.spans, this.misses, this.resets].every(({ length }) => length === 0);
  }

  within(sinceMs: number): { spans: readonly Span[]; misses: number; resets: number } {
    return {
      resets: this.resets.filter((atMs) => atMs > sinceMs).length,
      spans: this.spans.filter(({ toMs }) => toMs > sinceMs),
      misses: this.misses.filter((atMs) => atMs > sinceMs).length,
    };
  }
}
