/** Prometheus' text format as apps really write it, and what two looks at it mean. */
import { describe, expect, test } from 'vitest';
import { growthOf, isAnotherProcess } from '../../../src/probes/metrics/growth.js';
import { quantile } from '../../../src/probes/metrics/quantile.js';
import { scanMetrics, type MetricsSample } from '../../../src/probes/metrics/scan-metrics.js';

const OURS = new Set(['/healthz', '/metrics']);

function scan(...lines: readonly string[]): MetricsSample {
  return scanMetrics(lines.join('\n'), { ours: OURS });
}

/** All that was ever counted. */
function all(...lines: readonly string[]) {
  const { requests, errors, buckets } = growthOf(undefined, scan(...lines));
  return { requests, errors, buckets: Object.fromEntries(buckets) };
}

describe('a line', () => {
  test.each([
    ['with labels', 'http_requests_total{status="200"} 3', 3],
    ['without labels', 'http_requests_total 3', 3],
    ['with empty labels', 'http_requests_total{} 3', 3],
    ['with a tab', 'http_requests_total\t3', 3],
    ['with a timestamp', 'http_requests_total{status="200"} 3 1395066363000', 3],
    ['with an exemplar', 'http_requests_total{status="200"} 3 # {trace_id="}"} 0.67', 3],
    ['that ends in CR', 'http_requests_total{status="200"} 3\r', 3],
    ['with spaces and a last comma in its labels', 'http_requests_total{ status = "200" , } 3', 3],
    ['in scientific form', 'http_requests_total{status="200"} 3e+15', 3e15],
    ['with a comma in a label', 'http_requests_total{path="/a,b",status="200"} 3', 3],
    ['with a brace in a label', 'http_requests_total{path="/{id}",status="200"} 3', 3],
    ['with escapes in a label', String.raw`http_requests_total{path="/\"a\\",x="}\n",status="200"} 3`, 3],
  ])('%s', (_what, line, requests) => {
    const sample = scan(line);
    expect([growthOf(undefined, sample).requests, sample.skippedLines]).toEqual([requests, 0]);
  });

  test.each([
    ['without value', 'http_requests_total{status="200"}'],
    ['that is no number', 'http_requests_total{status="200"} many'],
    ['that is NaN', 'http_requests_total{status="200"} NaN'],
    ['that is infinite', 'http_requests_total{status="200"} +Inf'],
    ['that JavaScript calls infinite', 'http_requests_total{status="200"} Infinity'],
    ['too big for any number', 'http_requests_total{status="200"} 1e999'],
    ['that is negative', 'http_requests_total{status="200"} -3'],
    ['whose labels do not end', 'http_requests_total{status="200" 3'],
    ['whose quotes do not end', 'http_requests_total{status="200} 3'],
    ['without quotes', 'http_requests_total{status=200} 3'],
    ['without label names', 'http_requests_total{="200"} 3'],
    ['of a bucket without bound', 'http_request_duration_seconds_bucket{path="/"} 3'],
    ['of a bucket whose bound is no number', 'http_request_duration_seconds_bucket{le="soon"} 3'],
  ])('%s is skipped and counted, the next one is read', (_what, line) => {
    const sample = scan(line, 'http_requests_total{status="201"} 4');
    expect([growthOf(undefined, sample).requests, sample.skippedLines]).toEqual([4, 1]);
  });

  test('of another family is nobody’s business', () => {
    const others = ['http_requests_total_created 7', 'http_requests 7', 'up 1', '', '<html>', 'garbage {{{'];
    const sample = scan(...others, '# HELP http_requests_total 7');
    expect([sample.counters.size, sample.countsRequests, sample.skippedLines]).toEqual([0, false, 0]);
  });
});

describe('what is counted', () => {
  test('all paths but those of our own probes', () => {
    const lines = ['/', '/a', '/healthz', '/metrics'].map(
      (path, index) => `http_requests_total{path="${path}",status_code="200"} ${String(10 ** index)}`,
    );
    expect(all(...lines).requests).toBe(11);
  });

  test.each(['route', 'handler', 'uri', 'endpoint'])('our probes are known by the label %s, too', (label) => {
    expect(all(`http_requests_total{${label}="/healthz",code="200"} 9`).requests).toBe(0);
  });

  test.each([
    ['status_code', '500', 3],
    ['status', '5xx', 3],
    ['code', '503', 3],
    ['code', '499', 0],
    ['status', '200', 0],
  ])('%s %s makes %i errors of 3', (label, value, errors) => {
    expect(all(`http_requests_total{${label}="${value}"} 3`).errors).toBe(errors);
  });

  test('without a label for the status nobody knows the errors', () => {
    expect(all('http_requests_total{method="GET"} 3')).toMatchObject({ requests: 3, errors: undefined });
  });

  test('an app that only has a histogram counts in its last bucket', () => {
    const name = 'http_request_duration_seconds_bucket';
    const counted = all(
      `${name}{le="0.1",status_code="200"} 5`,
      `${name}{le="+Inf",status_code="200"} 6`,
      `${name}{le="0.1",status_code="500"} 1`,
      `${name}{le="+Inf",status_code="500"} 2`,
    );
    expect(counted).toEqual({ requests: 8, errors: 2, buckets: { 0.1: 6, Infinity: 8 } });
  });

  test('an app that nobody called yet has metrics, and no requests', () => {
    const sample = scan('# TYPE http_requests_total counter');
    expect([sample.countsRequests, growthOf(undefined, sample)]).toMatchObject([
      true,
      { requests: 0, errors: 0 },
    ]);
  });

  test('gauges of the sample app', () => {
    const sample = scan('app_uptime_seconds 12.5', 'chaos_active 2', 'process_start_time_seconds 1.7e9');
    expect(sample).toMatchObject({ uptimeSeconds: 12.5, chaos: 2, processStart: 1.7e9 });
  });

  test('labels that were understood before mean the same in the next answer', () => {
    const text =
      'http_requests_total{path="/healthz",code="200"} 9\nhttp_requests_total{path="/",code="500"} 2';
    const before = scanMetrics(text, { ours: OURS });
    expect(scanMetrics(text, { ours: OURS, before })).toEqual(before);
  });
});

describe('two looks', () => {
  const at = (ok: number, failed: number) =>
    scan(
      `http_requests_total{code="200"} ${String(ok)}`,
      `http_requests_total{code="500"} ${String(failed)}`,
    );

  test('at one process: the difference', () => {
    expect(growthOf(at(100, 7), at(130, 9))).toMatchObject({ requests: 32, errors: 2 });
  });

  test('a counter that fell: the process is new, and all that it counted is new', () => {
    expect(growthOf(at(100, 7), at(12, 3))).toMatchObject({ requests: 15, errors: 3 });
  });

  test('one counter that fell makes the whole process new, though another one rose', () => {
    expect(growthOf(at(10, 7), at(90, 1))).toMatchObject({ requests: 91, errors: 1 });
  });

  test('our own probes show a new process, too', () => {
    const look = (probes: number, ok: number) =>
      scan(
        `http_requests_total{path="/healthz"} ${String(probes)}`,
        `http_requests_total{path="/"} ${String(ok)}`,
      );
    expect(growthOf(look(50, 10), look(2, 11)).requests).toBe(11);
  });

  test.each([
    ['an uptime that fell', ['app_uptime_seconds 60'], ['app_uptime_seconds 3'], true],
    ['another start', ['process_start_time_seconds 100'], ['process_start_time_seconds 200'], true],
    ['an uptime that rose', ['app_uptime_seconds 60'], ['app_uptime_seconds 65'], false],
    ['a start that is not told any more', ['process_start_time_seconds 100'], [], false],
    ['a series that is not there any more', ['http_requests_total{path="/old"} 5'], [], false],
  ])('%s', (_what, before, after, expected) => {
    expect(isAnotherProcess(scan(...before), scan(...after))).toBe(expected);
  });

  test('a series that comes new counts from zero', () => {
    const before = scan('http_requests_total{code="200"} 5');
    expect(growthOf(before, at(5, 3))).toMatchObject({ requests: 3, errors: 3 });
  });
});

describe('a quantile', () => {
  const buckets = (entries: Record<string, number>) =>
    new Map(Object.entries(entries).map(([bound, count]) => [Number(bound), count]));

  test('is interpolated in its bucket', () => {
    expect(quantile(0.5, buckets({ 0.1: 0, 0.2: 100, Infinity: 100 }))).toBeCloseTo(0.15);
    expect(quantile(0.99, buckets({ 0.005: 98, 2.5: 100, Infinity: 100 }))).toBeCloseTo(1.2525);
  });

  test('from zero in the first bucket', () => {
    expect(quantile(0.5, buckets({ 0.1: 100, Infinity: 100 }))).toBeCloseTo(0.05);
  });

  test('beyond every bound it is at least the last one', () => {
    expect(quantile(0.99, buckets({ 0.1: 10, 10: 10, Infinity: 100 }))).toBe(10);
  });

  test.each([
    ['nobody came', { 0.1: 0, Infinity: 0 }],
    ['the last bucket is missing', { 0.1: 5 }],
    ['there is no histogram', {}],
  ])('is unknown where %s', (_what, counts) => {
    expect(quantile(0.99, buckets(counts))).toBeUndefined();
  });
});
