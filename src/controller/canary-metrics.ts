/** What is measured of canaries: their share, what was said of them, and what their users saw. It counts what it is told. */
import { Counter, Gauge, type Registry } from 'prom-client';

const VERDICTS = ['advance', 'hold', 'rollback', 'inconclusive'] as const;

/** One look at one canary. */
export interface CanaryLook {
  readonly service: string;
  readonly verdict: (typeof VERDICTS)[number];
  /** Percent of the requests of the rollout, by track; a track without requests is absent. */
  readonly errorRates: Readonly<Record<string, number>>;
}

export interface CanaryMetrics {
  /** All services of the stack and the canary's share of each, in percent; services that are absent vanish. */
  setCanaryWeights(weights: Readonly<Record<string, number>>): void;
  /** All looks of one tick; error rates of services that are absent vanish. */
  noteCanaryLooks(looks: readonly CanaryLook[]): void;
}

export function canaryMetrics(registry: Registry, services: readonly string[]): CanaryMetrics {
  const weights = new Gauge({
    name: 'swiftdeploy_canary_weight',
    help: "The canary's share of a service's traffic, in percent.",
    labelNames: ['service'],
    registers: [registry],
  });
  const verdicts = new Counter({
    name: 'swiftdeploy_canary_verdicts_total',
    help: 'What the policies said of a canary, one for each look.',
    labelNames: ['service', 'verdict'],
    registers: [registry],
  });
  const errors = new Gauge({
    name: 'swiftdeploy_canary_error_rate_percent',
    help: 'Requests that failed at the proxy since the canary got its first share, by track; absent without a live canary.',
    labelNames: ['service', 'track'],
    registers: [registry],
  });
  for (const service of services) {
    weights.set({ service }, 0);
    for (const verdict of VERDICTS) verdicts.inc({ service, verdict }, 0);
  }
  return {
    setCanaryWeights(now) {
      weights.reset();
      for (const [service, weight] of Object.entries(now)) weights.set({ service }, weight);
    },
    noteCanaryLooks(looks) {
      errors.reset();
      for (const { service, verdict, errorRates } of looks) {
        verdicts.inc({ service, verdict });
        for (const [track, rate] of Object.entries(errorRates)) errors.set({ service, track }, rate);
      }
    },
  };
}
