/** How much the counters of one process grew between two looks. A counter that fell is another process: what it counted is all new. */
import type { Counter, MetricsSample } from './scan-metrics.js';

export interface Growth {
  readonly requests: number;
  /** Answers of 5xx; undefined where no label tells. */
  readonly errors: number | undefined;
  /** Upper bound in seconds → requests that were not slower. */
  readonly buckets: ReadonlyMap<number, number>;
}

/** Another process than before answered: a counter or its uptime fell, or it says so. */
export function isAnotherProcess(before: MetricsSample, after: MetricsSample): boolean {
  if (fell(before.uptimeSeconds, after.uptimeSeconds)) return true;
  if (Math.abs((before.processStart ?? 0) - (after.processStart ?? before.processStart ?? 0)) > 1)
    return true;
  for (const [key, { value }] of after.counters)
    if (fell(before.counters.get(key)?.value, value)) return true;
  return false;
}

function fell(before: number | undefined, after: number | undefined): boolean {
  return before !== undefined && after !== undefined && after < before;
}

/** `before` is absent for a process that is known to be new. A series that is not there any more counts nothing. */
export function growthOf(before: MetricsSample | undefined, after: MetricsSample): Growth {
  const base = before === undefined || isAnotherProcess(before, after) ? undefined : before.counters;
  const counters = [...after.counters.values()];
  const buckets = new Map<number, number>();
  const total = { requests: 0, errors: 0 };
  const counted = countedKind(counters);
  for (const counter of counters) {
    const { series, value } = counter;
    const grown = value - (base?.get(series.key)?.value ?? 0);
    if (series.ours || grown === 0) continue;
    if (series.kind === 'bucket') buckets.set(series.le, (buckets.get(series.le) ?? 0) + grown);
    if (!isCounted(counter, counted)) continue;
    total.requests += grown;
    if (series.failed === true) total.errors += grown;
  }
  const tellsStatus = counters.every(
    (counter) => !isCounted(counter, counted) || counter.series.failed !== undefined,
  );
  return { requests: total.requests, errors: tellsStatus ? total.errors : undefined, buckets };
}

/** An app without a counter of requests counts them in the last bucket of its histogram. */
function countedKind(counters: readonly Counter[]): Counter['series']['kind'] {
  return counters.some(({ series }) => series.kind === 'requests') ? 'requests' : 'bucket';
}

function isCounted({ series }: Counter, kind: Counter['series']['kind']): boolean {
  return series.kind === kind && series.le === Infinity;
}
