/** The workload's Prometheus metrics, in a registry of their own. Labels come from fixed sets: a client cannot add one. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ChaosState } from './chaos.js';
import type { Mode } from './config.js';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const CHAOS_VALUES = { recover: 0, slow: 1, error: 2 } as const;

/** One answered request. */
export interface Answered {
  readonly method: string;
  /** A known path or `other`. */
  readonly path: string;
  readonly statusCode: number;
  readonly seconds: number;
}

export interface Metrics {
  readonly contentType: string;
  readonly observe: (request: Answered) => void;
  readonly render: () => Promise<string>;
}

/** What the gauges read when they are scraped. */
export interface MetricSources {
  readonly mode: Mode;
  readonly uptimeSeconds: () => number;
  readonly chaos: () => ChaosState;
}

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered.',
    labelNames: ['method', 'path', 'status_code'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from request to answer.',
    labelNames: ['path'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  addGauge(registry, 'app_uptime_seconds', 'Seconds since the process started.', sources.uptimeSeconds);
  addGauge(registry, 'app_mode', '0 stable, 1 canary.', () => (sources.mode === 'canary' ? 1 : 0));
  addGauge(registry, 'chaos_active', '0 none, 1 slow, 2 error.', () => CHAOS_VALUES[sources.chaos().mode]);
  return {
    contentType: registry.contentType,
    observe: ({ method, path, statusCode, seconds }) => {
      requests.inc({ method: METHODS.has(method) ? method : 'other', path, status_code: statusCode });
      durations.observe({ path }, seconds);
    },
    render: () => registry.metrics(),
  };
}

function addGauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
