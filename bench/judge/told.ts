/** What the controller would read in the log of simulated traffic, and what people see of its last seconds. */
import type { RecentFacts, WindowTally } from '../../src/reconcilers/judge/canary-facts.js';
import type { SecondTally } from '../../src/reconcilers/judge/second-book.js';
import { TrackTally } from '../../src/reconcilers/judge/track-tally.js';
import type { SecondOfTraffic } from './traffic.js';

export const UNTROUBLED = { restarts: 0, oomKills: 0 };
const NOBODY: WindowTally = { requests: 0, errors: 0, slow: 0 };

const RECENT_SECONDS = 30;
/** What the simulation calls slow took this long, everything else that short. */
const SLOW_ANSWER_MS = 1000;
const QUICK_ANSWER_MS = 40;

function sum(a: WindowTally, b: WindowTally): WindowTally {
  return { requests: a.requests + b.requests, errors: a.errors + b.errors, slow: a.slow + b.slow };
}

/** As the proxy's log has it; `changes`: how often the shares had changed. */
export function secondOf(second: number, answers: SecondOfTraffic, changes = 0): SecondTally {
  return { second, changes, tracks: { canary: tallyOf(answers.canary), stable: tallyOf(answers.stable) } };
}

function tallyOf({ requests, errors, slow }: WindowTally): TrackTally {
  const tally = Object.assign(new TrackTally(), { requests, errors, slow });
  tally.byOrigin.app = errors;
  return tally;
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
