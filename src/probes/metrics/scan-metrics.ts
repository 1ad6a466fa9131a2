/**
 * Reads, out of an answer in Prometheus' text format, the few families that tell of traffic. Line by line and without regular
 * expressions: it runs for every replica all day. What it cannot read is skipped and counted.
 */
import { endOfLabels } from './parse-labels.js';
import { BUCKET, REQUESTS, seriesOf, type Series } from './series.js';

export interface MetricsSample {
  /** By name and labels. */
  readonly counters: ReadonlyMap<string, Counter>;
  /** The app counts HTTP requests, though perhaps none so far. */
  readonly countsRequests: boolean;
  /** `app_uptime_seconds`. */
  readonly uptimeSeconds?: number;
  /** `chaos_active`: 0 none, 1 slow, 2 error. */
  readonly chaos?: number;
  /** `process_start_time_seconds`. */
  readonly processStart?: number;
  /** Lines of these families that could not be read. */
  readonly skippedLines: number;
}

export interface Counter {
  readonly series: Series;
  readonly value: number;
}

export interface ScanOptions {
  /** Paths of our own probes. */
  readonly ours: ReadonlySet<string>;
  /** The last sample of the same app: its labels need not be understood again. */
  readonly before?: MetricsSample;
}

const GAUGES = {
  app_uptime_seconds: 'uptimeSeconds',
  chaos_active: 'chaos',
  process_start_time_seconds: 'processStart',
} as const;
const COUNTERS = [BUCKET, REQUESTS];
const NAMES = [...COUNTERS, ...Object.keys(GAUGES)];
const FAMILIES = ['# TYPE http_requests_total ', '# TYPE http_request_duration_seconds '];

type Scan = { -readonly [K in keyof MetricsSample]: MetricsSample[K] } & { counters: Map<string, Counter> };

export function scanMetrics(text: string, options: ScanOptions): MetricsSample {
  const scan: Scan = { counters: new Map(), countsRequests: false, skippedLines: 0 };
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    scanLine(scan, { text, start, end }, options);
    start = end + 1;
  }
  return scan;
}

interface Line {
  readonly text: string;
  readonly start: number;
  /** One past its last sign. */
  readonly end: number;
}

function scanLine(scan: Scan, line: Line, options: ScanOptions): void {
  const { text, start } = line;
  if (text.startsWith('#', start)) {
    if (FAMILIES.some((family) => text.startsWith(family, start))) scan.countsRequests = true;
    return;
  }
  const name = NAMES.find((candidate) => isNamed(line, candidate));
  if (name === undefined) return;
  const labels = start + name.length;
  const labelsEnd = text.startsWith('{', labels) ? endOfLabels(text, labels, line.end) : labels;
  const value = labelsEnd === -1 ? undefined : valueAt(text, labelsEnd, line.end);
  if (value === undefined || !note(scan, { name, labels: text.slice(labels, labelsEnd), value }, options))
    scan.skippedLines += 1;
}

function isNamed({ text, start }: Line, name: string): boolean {
  if (!text.startsWith(name, start)) return false;
  const next = text.charAt(start + name.length);
  return next === '{' || next === ' ' || next === '\t';
}

/** The first word is the value; a timestamp or an exemplar may follow. NaN, infinite and negative ones count nothing. */
function valueAt(text: string, start: number, end: number): number | undefined {
  const [word = ''] = text.slice(start, end).trim().split(/[ \t]/, 1);
  const value = word === '' ? NaN : Number(word);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

/** False when its labels make no sense. */
function note(scan: Scan, { name, labels, value }: Sample, { ours, before }: ScanOptions): boolean {
  if (!COUNTERS.includes(name)) {
    scan[GAUGES[name as keyof typeof GAUGES]] = value;
    return true;
  }
  const series = before?.counters.get(name + labels)?.series ?? seriesOf(name, labels, ours);
  if (series === undefined) return false;
  scan.countsRequests = true;
  scan.counters.set(series.key, { series, value });
  return true;
}
