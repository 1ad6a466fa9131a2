/** What the policy is told of a simulated track, as the controller's own facts are made. */
import type { RecentFacts, TrackFacts, WindowTally } from '../../src/reconcilers/judge/canary-facts.js';
import { intervalPercent } from '../../src/reconcilers/judge/evidence.js';

export const NOBODY: WindowTally = { requests: 0, errors: 0, slow: 0 };

const RECENT_SECONDS = 30;
/** What the simulation calls slow took this long, everything else that short. */
const SLOW_ANSWER_MS = 1000;
const QUICK_ANSWER_MS = 40;

export function sum(a: WindowTally, b: WindowTally): WindowTally {
  return { requests: a.requests + b.requests, errors: a.errors + b.errors, slow: a.slow + b.slow };
}

export function trackFacts({ requests, errors, slow }: WindowTally): TrackFacts {
  const errorInterval = intervalPercent(requests, errors);
  const slowInterval = intervalPercent(requests, slow);
  const rates =
    errorInterval === undefined || slowInterval === undefined
      ? {}
      : {
          error_rate_percent: (100 * errors) / requests,
          error_interval_percent: errorInterval,
          slow_percent: (100 * slow) / requests,
          slow_interval_percent: slowInterval,
        };
  return {
    requests,
    errors,
    errors_by_origin: { app: errors, connect: 0, timeout: 0, gateway: 0 },
    client_aborts: 0,
    slow,
    ...rates,
    restarts: 0,
    oom_kills: 0,
  };
}

/** The canary's last seconds, for the published names. */
export class Recent {
  private readonly seconds: WindowTally[] = [];
  private total = NOBODY;

  add(second: WindowTally): void {
    this.seconds.push(second);
    this.total = sum(this.total, second);
    const left = this.seconds.length > RECENT_SECONDS ? this.seconds.shift() : undefined;
    if (left !== undefined)
      this.total = sum(this.total, { requests: -left.requests, errors: -left.errors, slow: -left.slow });
  }

  facts(): RecentFacts {
    const { requests, errors, slow } = this.total;
    if (requests === 0) return { window_seconds: RECENT_SECONDS, requests };
    return {
      error_rate_percent: (100 * errors) / requests,
      error_rate: errors / requests,
      p99_latency_ms: slow > 0.01 * requests ? SLOW_ANSWER_MS : QUICK_ANSWER_MS,
      window_seconds: RECENT_SECONDS,
      requests,
    };
  }
}
