/** The metrics of one stack, with every label that can be known before anything happens. */
import { createMetrics, type Metrics } from '../../controller/metrics.js';
import type { StepEffects } from '../../reconcilers/apply/effects.js';
import type { DriftKind, Question } from '../../reconcilers/plan/steps.js';

/** A kind that is missing here, or that exists no more, does not compile. */
const DRIFT_KINDS: Readonly<Record<DriftKind, true>> = {
  removed: true,
  stopped: true,
  paused: true,
  renamed: true,
  disconnected: true,
  changed: true,
  resources: true,
  unhealthy: true,
  duplicate: true,
  image: true,
  'proxy-config': true,
};

const QUESTIONS: Readonly<Record<Question, true>> = {
  deploy: true,
  replace: true,
  heal: true,
  start_canary: true,
  promote: true,
  rollback: true,
  remove: true,
};

export interface KnownParts {
  /** The executors: one for every kind of step. */
  readonly effects: StepEffects;
  readonly services: readonly string[];
  /** Policy domains. */
  readonly domains: readonly string[];
}

/** Every label at zero. */
export function stackMetrics({ effects, services, domains }: KnownParts): Metrics {
  const questions = Object.keys(QUESTIONS);
  return createMetrics({
    stepKinds: Object.keys(effects),
    driftKinds: Object.keys(DRIFT_KINDS),
    policies: domains.map((domain) => ({ domain, questions })),
    services,
  });
}
