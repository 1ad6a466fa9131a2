import { describe, expect, test } from 'vitest';
import { CONDITION_TYPES } from '../../../src/controller/conditions.js';
import { createMetrics } from '../../../src/controller/metrics.js';

const known = {
  stepKinds: ['createContainer', 'startContainer'],
  driftKinds: ['stopped'],
  policies: [{ domain: 'infrastructure', questions: ['deploy', 'heal'] }],
  services: ['app'],
};

/** The samples of one metric, help and type left out. */
async function samples(metrics: ReturnType<typeof createMetrics>, name: string): Promise<string[]> {
  const lines = (await metrics.registry.metrics()).split('\n');
  return lines.filter((line) => line.startsWith(name));
}

describe('metrics', () => {
  test('every known label is at zero from the start', async () => {
    const metrics = createMetrics(known);
    expect(await samples(metrics, 'swiftdeploy_steps_total')).toEqual([
      'swiftdeploy_steps_total{kind="createContainer",result="done"} 0',
      'swiftdeploy_steps_total{kind="createContainer",result="failed"} 0',
      'swiftdeploy_steps_total{kind="startContainer",result="done"} 0',
      'swiftdeploy_steps_total{kind="startContainer",result="failed"} 0',
    ]);
    expect(await samples(metrics, 'swiftdeploy_drift_total')).toEqual([
      'swiftdeploy_drift_total{kind="stopped"} 0',
    ]);
    expect(await samples(metrics, 'swiftdeploy_policy_decisions_total')).toHaveLength(6);
    expect(await samples(metrics, 'swiftdeploy_policy_decision_duration_seconds_count')).toEqual([
      'swiftdeploy_policy_decision_duration_seconds_count 0',
    ]);
    expect(await samples(metrics, 'swiftdeploy_canary_weight')).toEqual([
      'swiftdeploy_canary_weight{service="app"} 0',
    ]);
    expect(await samples(metrics, 'swiftdeploy_condition')).toHaveLength(
      3 * Object.keys(CONDITION_TYPES).length,
    );
    expect(await samples(metrics, 'swiftdeploy_reconcile_duration_seconds_count')).toEqual(
      ['settled', 'progress', 'waiting', 'stalled', 'error'].map(
        (result) => `swiftdeploy_reconcile_duration_seconds_count{result="${result}"} 0`,
      ),
    );
  });

  test('counts what it is told', async () => {
    const metrics = createMetrics(known);
    metrics.observeReconcile('settled', 0.2);
    metrics.countStep('createContainer', 'done');
    metrics.countDrift('renamed');
    metrics.observeDecision({ domain: 'infrastructure', question: 'heal', result: 'deny', seconds: 0.01 });
    const text = await metrics.registry.metrics();
    for (const sample of [
      'swiftdeploy_reconcile_duration_seconds_count{result="settled"} 1',
      'swiftdeploy_steps_total{kind="createContainer",result="done"} 1',
      'swiftdeploy_drift_total{kind="renamed"} 1',
      'swiftdeploy_policy_decisions_total{domain="infrastructure",question="heal",result="deny"} 1',
      'swiftdeploy_policy_decision_duration_seconds_count 1',
    ]) {
      expect(text).toContain(`${sample}\n`);
    }
  });

  test('a condition is 1 for its status only, and 0 for all while it is absent', async () => {
    const metrics = createMetrics(known);
    const ready = { type: 'Ready', reason: 'Settled', message: '' } as const;
    metrics.setConditions([{ ...ready, status: 'True' }]);
    metrics.setConditions([{ ...ready, status: 'False' }]);
    expect(await samples(metrics, 'swiftdeploy_condition{type="Ready"')).toEqual([
      'swiftdeploy_condition{type="Ready",status="True"} 0',
      'swiftdeploy_condition{type="Ready",status="False"} 1',
      'swiftdeploy_condition{type="Ready",status="Unknown"} 0',
    ]);
    metrics.setConditions([]);
    expect((await samples(metrics, 'swiftdeploy_condition')).filter((line) => line.endsWith(' 1'))).toEqual(
      [],
    );
  });

  test('services that left the stack leave the weights', async () => {
    const metrics = createMetrics(known);
    metrics.setCanaryWeights({ api: 25, web: 0 });
    expect(await samples(metrics, 'swiftdeploy_canary_weight')).toEqual([
      'swiftdeploy_canary_weight{service="api"} 25',
      'swiftdeploy_canary_weight{service="web"} 0',
    ]);
  });

  test('looks at canaries are counted by verdict, and their error rates last as long as they do', async () => {
    const metrics = createMetrics(known);
    const look = { service: 'app', errorRates: { canary: 2.5, stable: 0 } };
    metrics.noteCanaryLooks([{ ...look, verdict: 'hold' }]);
    metrics.noteCanaryLooks([{ ...look, verdict: 'rollback' }]);
    expect(await samples(metrics, 'swiftdeploy_canary_error_rate_percent')).toEqual([
      'swiftdeploy_canary_error_rate_percent{service="app",track="canary"} 2.5',
      'swiftdeploy_canary_error_rate_percent{service="app",track="stable"} 0',
    ]);
    metrics.noteCanaryLooks([]);
    expect(await samples(metrics, 'swiftdeploy_canary_error_rate_percent{')).toEqual([]);
    expect(await samples(metrics, 'swiftdeploy_canary_verdicts_total')).toEqual([
      'swiftdeploy_canary_verdicts_total{service="app",verdict="advance"} 0',
      'swiftdeploy_canary_verdicts_total{service="app",verdict="hold"} 1',
      'swiftdeploy_canary_verdicts_total{service="app",verdict="rollback"} 1',
      'swiftdeploy_canary_verdicts_total{service="app",verdict="inconclusive"} 0',
    ]);
  });

  test('two registries know nothing of each other', async () => {
    createMetrics(known).countDrift('stopped');
    expect(await samples(createMetrics(known), 'swiftdeploy_drift_total')).toEqual([
      'swiftdeploy_drift_total{kind="stopped"} 0',
    ]);
  });
});
