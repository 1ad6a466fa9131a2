/** Replicas of an app for tests of traffic: each counts what it is told to, on a clock that the test moves. */
import type { MetricsSample } from '../../../src/probes/metrics/scan-metrics.js';
import { scanMetrics } from '../../../src/probes/metrics/scan-metrics.js';
import type { ScrapeAnswer } from '../../../src/reconcilers/traffic/ask-metrics.js';
import type { ScrapedService, ScrapeTarget } from '../../../src/reconcilers/traffic/targets.js';

export const START = Date.parse('2026-05-05T20:00:00.000Z');
export const OURS: ReadonlySet<string> = new Set(['/healthz', '/metrics']);

export class Clock {
  ms = START;
  readonly now = () => this.ms;

  pass(seconds: number): void {
    this.ms += seconds * 1000;
  }
}

/** One process that serves. */
export class App {
  ok = 0;
  failed = 0;
  probes = 0;
  slow = 0;
  chaos = 0;
  asked = 0;
  answer: 'sample' | 'missed' | 'none' = 'sample';

  constructor(
    readonly id: string,
    readonly clock: Clock,
    public startedAt = clock.now(),
  ) {}

  /** The process is another one; the container may be the same. */
  restart(): void {
    [this.ok, this.failed, this.probes, this.slow, this.startedAt] = [0, 0, 0, 0, this.clock.now()];
  }

  target(startedAt = this.startedAt): ScrapeTarget {
    return { containerId: this.id, startedAt, port: 3000, path: '/metrics', ours: OURS };
  }

  scrape(before?: MetricsSample): ScrapeAnswer {
    this.asked += 1;
    if (this.answer !== 'sample') return { kind: this.answer };
    const scan = before === undefined ? { ours: OURS } : { ours: OURS, before };
    return { kind: 'sample', sample: scanMetrics(this.text(), scan) };
  }

  text(): string {
    const total = this.ok + this.failed;
    const bucket = 'http_request_duration_seconds_bucket';
    return [
      `http_requests_total{path="/",status_code="200"} ${String(this.ok)}`,
      `http_requests_total{path="/",status_code="500"} ${String(this.failed)}`,
      `http_requests_total{path="/healthz",status_code="200"} ${String(this.probes)}`,
      `${bucket}{path="/",le="0.01"} ${String(total - this.slow)}`,
      `${bucket}{path="/",le="2.5"} ${String(total)}`,
      `${bucket}{path="/",le="+Inf"} ${String(total)}`,
      `app_uptime_seconds ${String((this.clock.now() - this.startedAt) / 1000)}`,
      `chaos_active ${String(this.chaos)}`,
    ].join('\n');
  }
}

export function service(apps: readonly App[], over: Partial<ScrapedService> = {}): ScrapedService {
  const replicas = apps.map((app) => app.target());
  return { name: 'app', mode: 'stable', tracks: [{ track: 'stable', specHash: 'a1', replicas }], ...over };
}
