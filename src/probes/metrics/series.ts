/** What a counter of an HTTP workload counts, from its name and labels. */
import { parseLabels } from './parse-labels.js';

export const REQUESTS = 'http_requests_total';
export const BUCKET = 'http_request_duration_seconds_bucket';

export interface Series {
  /** Name and labels as the app writes them. */
  readonly key: string;
  readonly kind: 'requests' | 'bucket';
  /** Upper bound of a bucket, in seconds; infinite for the last. */
  readonly le: number;
  /** The server failed (5xx); undefined where no label tells. */
  readonly failed: boolean | undefined;
  /** Of a path that only we ask for. */
  readonly ours: boolean;
}

const PATH_LABELS = ['path', 'route', 'handler', 'uri', 'url', 'endpoint'];
const STATUS_LABELS = ['status_code', 'status', 'code'];

/** Undefined for labels that cannot be read, and for a bucket without its bound. `ours`: paths of our own probes. */
export function seriesOf(name: string, labelText: string, ours: ReadonlySet<string>): Series | undefined {
  const labels = labelText === '' ? new Map<string, string>() : parseLabels(labelText);
  if (labels === undefined) return undefined;
  const le = name === BUCKET ? boundOf(labels.get('le')) : Infinity;
  if (le === undefined) return undefined;
  const path = firstOf(labels, PATH_LABELS);
  const status = firstOf(labels, STATUS_LABELS);
  return {
    // A slice of the answer would keep the whole answer in memory.
    key: Buffer.from(name + labelText).toString(),
    kind: name === BUCKET ? 'bucket' : 'requests',
    le,
    failed: status === undefined ? undefined : status.startsWith('5'),
    ours: path !== undefined && ours.has(path),
  };
}

function boundOf(text: string | undefined): number | undefined {
  if (text === '+Inf' || text === 'Inf') return Infinity;
  const bound = text === undefined || text === '' ? NaN : Number(text);
  return Number.isFinite(bound) ? bound : undefined;
}

function firstOf(labels: ReadonlyMap<string, string>, names: readonly string[]): string | undefined {
  const name = names.find((label) => labels.has(label));
  return name === undefined ? undefined : labels.get(name);
}
