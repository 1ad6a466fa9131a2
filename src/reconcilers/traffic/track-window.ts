/** The figures of one track from what its replicas counted in the window. Pure; rounded for people and for a status that stands still. */
import { quantile } from '../../probes/metrics/quantile.js';
import type { Span } from './replica-book.js';
import type { TrackTraffic } from './traffic.js';

export interface TrackWindow {
  /** How far the figures look back, whole seconds. */
  readonly seconds: number;
  readonly figures: TrackTraffic;
}

export interface WindowOptions {
  readonly windowMs: number;
  /** That nobody came is said only of a time this long: who has just begun to look does not know. */
  readonly quietMs: number;
}

/** Looks are a little late or early: a window may be this part shorter. */
export const SLACK = 1 / 12;

/** Less says nothing about a rate. */
const SHORTEST_SECONDS = 1;

/** Undefined while it is too early. */
export function trackWindow(
  spans: readonly Span[],
  missed: number,
  { windowMs, quietMs }: WindowOptions,
): TrackWindow | undefined {
  const fromMs = Math.min(...spans.map((span) => span.fromMs));
  const toMs = Math.max(...spans.map((span) => span.toMs));
  const seconds = (toMs - fromMs) / 1000;
  if (spans.length === 0 || seconds < SHORTEST_SECONDS) return undefined;
  const requests = sum(spans.map((span) => span.requests));
  if (requests === 0 && seconds * 1000 < quietMs) return undefined;
  // While nobody came, how long ago the last look was is no news.
  const isWholeQuiet = requests === 0 && seconds * 1000 >= windowMs * (1 - SLACK);
  return {
    seconds: Math.round(isWholeQuiet ? windowMs / 1000 : seconds),
    figures: {
      requestsPerSecond: significant(requests / seconds, 3),
      requests: Math.round(requests),
      ...errorsOf(spans, requests),
      ...latenciesOf(spans),
      ...(missed === 0 ? {} : { missedScrapes: missed }),
    },
  };
}

function errorsOf(
  spans: readonly Span[],
  requests: number,
): Pick<TrackTraffic, 'errors' | 'errorRatePercent'> {
  const errors = spans.map((span) => span.errors).filter((count) => count !== undefined);
  if (errors.length < spans.length) return {};
  const failed = Math.round(sum(errors));
  if (requests === 0) return { errors: failed };
  const percent = Math.min(100, (100 * failed) / requests);
  // One error in a million is not none.
  const rounded = percent < 0.01 ? significant(percent, 1) : Math.round(percent * 100) / 100;
  return { errors: failed, errorRatePercent: rounded };
}

function latenciesOf(spans: readonly Span[]): Pick<TrackTraffic, 'p50LatencyMs' | 'p99LatencyMs'> {
  const buckets = new Map<number, number>();
  for (const span of spans)
    for (const [bound, count] of span.buckets) buckets.set(bound, (buckets.get(bound) ?? 0) + count);
  const [p50, p99] = [quantile(0.5, buckets), quantile(0.99, buckets)];
  if (p50 === undefined || p99 === undefined) return {};
  return { p50LatencyMs: significant(p50 * 1000, 3), p99LatencyMs: significant(p99 * 1000, 3) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** 1234.5 stays 1235: digits before the point are never dropped. */
function significant(value: number, digits: number): number {
  return value >= 10 ** digits ? Math.round(value) : Number(value.toPrecision(digits));
}
