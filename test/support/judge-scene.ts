/** Rollouts and their log lines for tests of the judge: one canary at 10.0.0.5, one stable replica at 10.0.0.3. */
import type { WatchedCanary } from '../../src/reconcilers/judge/canary-monitor.js';
import type { Track } from '../../src/reconcilers/plan/proxy-model.js';
import { judgeLine, nginxTime } from './judge-line.js';

export const CANARY = '10.0.0.5';
export const STABLE = '10.0.0.3';
const NO_TROUBLES = { restarts: 0, oomKills: 0 };

export function watchedCanary(change: Partial<WatchedCanary> = {}): WatchedCanary {
  return {
    service: 'app',
    proxyContainerId: 'proxy',
    sinceMs: 0,
    limits: { max_error_percent: 1, slow_ms: 500, max_slow_percent: 1 },
    addresses: new Map<string, Track>([
      [CANARY, 'canary'],
      [STABLE, 'stable'],
    ]),
    changedAtMs: [],
    hasStable: true,
    troubles: { stable: NO_TROUBLES, canary: NO_TROUBLES },
    ...change,
  };
}

export interface Answer {
  readonly track?: Track;
  readonly status?: number;
  readonly seconds?: string;
  readonly service?: string;
  /** Of an answer without a length. */
  readonly connection?: string;
}

/** A request that one replica answered. */
export function answered(atMs: number, answer: Answer = {}): string {
  const { track = 'canary', status = 200, seconds = '0.004', service = 'app', connection } = answer;
  return judgeLine({
    endedAt: nginxTime(atMs),
    service,
    track,
    status: String(status),
    upstreamAddress: `${track === 'canary' ? CANARY : STABLE}:3000`,
    upstreamStatus: String(status),
    upstreamResponseTime: seconds,
    ...(connection === undefined ? {} : { connection, contentLength: '-' }),
  });
}
