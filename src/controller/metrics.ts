/**
 * The controller's metrics, in a registry of their own, with every known label at zero from the start.
 * It counts what it is told and must never decide anything.
 */

import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { canaryMetrics, type CanaryMetrics } from './canary-metrics.js';
import { CONDITION_TYPES, type ConditionInput, type ConditionStatus } from './conditions.js';

const RECONCILE_RESULTS = ['settled', 'progress', 'waiting', 'stalled', 'error'] as const;
const STEP_RESULTS = ['done', 'failed'] as const;
const DECISION_RESULTS = ['allow', 'deny', 'error'] as const;
const CONDITION_STATUSES: readonly ConditionStatus[] = ['True', 'False', 'Unknown'];

const RECONCILE_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const DECISION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2];

export type ReconcileResult = (typeof RECONCILE_RESULTS)[number];
export type StepResult = (typeof STEP_RESULTS)[number];
/** `error`: denied because no valid answer came. */
export type DecisionResult = (typeof DECISION_RESULTS)[number];

/** The label values that are known before anything happens. */
export interface KnownLabels {
  readonly stepKinds: readonly string[];
  readonly driftKinds: readonly string[];
  readonly policies: readonly { readonly domain: string; readonly questions: readonly string[] }[];
  readonly services: readonly string[];
}

/** One answered, or unanswered, question. */
export interface DecisionSample {
  readonly domain: string;
  readonly question: string;
  readonly result: DecisionResult;
  readonly seconds: number;
}

/** What may be counted; `registry` serves it. */
export interface Metrics extends CanaryMetrics {
  readonly registry: Registry;
  /** Once a tick. */
  observeReconcile(result: ReconcileResult, seconds: number): void;
  countStep(kind: string, result: StepResult): void;
  observeDecision(sample: DecisionSample): void;
  countDrift(kind: string): void;
  /** All conditions that hold now; types that are absent go to zero for every status. */
  setConditions(conditions: readonly ConditionInput[]): void;
}

/** Makes a fresh registry with the metrics of a controller. */
export function createMetrics(known: KnownLabels): Metrics {
  const registry = new Registry();
  const reconciles = reconcileHistogram(registry);
  const steps = stepCounter(registry, known);
  const drift = driftCounter(registry, known);
  const decisions = decisionMetrics(registry, known);
  const conditions = conditionGauge(registry);
  return {
    registry,
    observeReconcile: (result, seconds) => reconciles.observe({ result }, seconds),
    countStep: (kind, result) => steps.inc({ kind, result }),
    countDrift: (kind) => drift.inc({ kind }),
    observeDecision({ domain, question, result, seconds }) {
      decisions.total.inc({ domain, question, result });
      decisions.duration.observe(seconds);
    },
    setConditions: (now) => setConditionGauge(conditions, now),
    ...canaryMetrics(registry, known.services),
  };
}

function reconcileHistogram(registry: Registry) {
  const histogram = new Histogram({
    name: 'swiftdeploy_reconcile_duration_seconds',
    help: 'Duration of a tick, one observation per tick.',
    labelNames: ['result'],
    buckets: RECONCILE_BUCKETS_SECONDS,
    registers: [registry],
  });
  for (const result of RECONCILE_RESULTS) histogram.zero({ result });
  return histogram;
}

function stepCounter(registry: Registry, known: KnownLabels) {
  const counter = new Counter({
    name: 'swiftdeploy_steps_total',
    help: 'Steps taken: changes of the world.',
    labelNames: ['kind', 'result'],
    registers: [registry],
  });
  for (const kind of known.stepKinds) for (const result of STEP_RESULTS) counter.inc({ kind, result }, 0);
  return counter;
}

function driftCounter(registry: Registry, known: KnownLabels) {
  const counter = new Counter({
    name: 'swiftdeploy_drift_total',
    help: 'Drift seen: the world left the state that was applied.',
    labelNames: ['kind'],
    registers: [registry],
  });
  for (const kind of known.driftKinds) counter.inc({ kind }, 0);
  return counter;
}

function decisionMetrics(registry: Registry, known: KnownLabels) {
  const total = new Counter({
    name: 'swiftdeploy_policy_decisions_total',
    help: 'Questions put to the policy engine.',
    labelNames: ['domain', 'question', 'result'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'swiftdeploy_policy_decision_duration_seconds',
    help: 'Time until a question was answered or given up.',
    buckets: DECISION_BUCKETS_SECONDS,
    registers: [registry],
  });
  for (const { domain, questions } of known.policies) {
    for (const question of questions) {
      for (const result of DECISION_RESULTS) total.inc({ domain, question, result }, 0);
    }
  }
  return { total, duration };
}

function conditionGauge(registry: Registry) {
  const gauge = new Gauge({
    name: 'swiftdeploy_condition',
    help: '1 for the status that a condition has now, else 0; 0 for every status while it is absent.',
    labelNames: ['type', 'status'],
    registers: [registry],
  });
  setConditionGauge(gauge, []);
  return gauge;
}

function setConditionGauge(gauge: Gauge<'type' | 'status'>, now: readonly ConditionInput[]): void {
  for (const type of Object.keys(CONDITION_TYPES)) {
    const current = now.find((condition) => condition.type === type)?.status;
    for (const status of CONDITION_STATUSES) gauge.set({ type, status }, status === current ? 1 : 0);
  }
}
