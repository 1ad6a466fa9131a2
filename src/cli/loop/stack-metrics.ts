/** The metrics of one stack, with every label that can be known before anything happens. */
import { createMetrics, type Metrics } from '../../controller/metrics.js';
import type { StepEffects } from '../../reconcilers/apply/effects.js';
import type { DriftKind } from '../../reconcilers/plan/steps.js';
import type { Domain } from '../../reconcilers/policy/policy-set.js';

/** A kind that is missing here, or that exists no more, does not compile. */
const DRIFT_KINDS: Readonly<Record<DriftKind, true>> = {
  removed: true,
  stopped: true,
  paused: true,
  renamed: true,
  disconnected: true,
  connected: true,
  changed: true,
  resources: true,
  unhealthy: true,
  duplicate: true,
  image: true,
  'proxy-config': true,
};

export interface KnownParts {
  /** The executors: one for every kind of step. */
  readonly effects: StepEffects;
  readonly services: readonly string[];
  readonly domains: readonly Domain[];
}

/** Every label at zero. */
export function stackMetrics({ effects, services, domains }: KnownParts): Metrics {
  return createMetrics({
    stepKinds: Object.keys(effects),
    driftKinds: Object.keys(DRIFT_KINDS),
    policies: domains.map(({ name, questions }) => ({ domain: name, questions })),
    services,
  });
}
