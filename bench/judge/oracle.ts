/**
 * What no rule can do better. Whoever blames a version at the limit in at most one rollout of `odds` needs ln(odds) / KL(rate, limit)
 * requests on average, even if the true rate was told beforehand (Wald, "Sequential tests of statistical hypotheses", 1945); of them
 * `rate` go wrong. It is a bound, not a rule: whole requests and a look a second cost more.
 */
import type { Scenario } from './scenario.js';

export interface Alarm {
  /** A fraction: at most so many may go wrong. */
  readonly limit: number;
  /** One false alarm in so many rollouts of a version at the limit. */
  readonly odds: number;
}

/** Requests that go wrong until it is taken back, on average; absent where requests of a second go wrong together. */
export function leastHarm({ kind, canary }: Scenario, alarm: Alarm): number | undefined {
  if (kind !== 'bad' || 'inBursts' in canary.errors) return undefined;
  const { rate } = canary.errors;
  const requests = Math.min(leastRequests(rate, alarm), leastRequests(canary.slow, alarm));
  return requests * (rate + canary.slow);
}

function leastRequests(rate: number, { limit, odds }: Alarm): number {
  return rate <= limit ? Infinity : Math.log(odds) / divergence(rate, limit);
}

/** Kullback and Leibler's, of one answer, in nats. */
function divergence(rate: number, limit: number): number {
  const ofGood = rate === 1 ? 0 : (1 - rate) * Math.log((1 - rate) / (1 - limit));
  return rate * Math.log(rate / limit) + ofGood;
}
