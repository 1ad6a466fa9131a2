/** A canary goes from step to step by what its users experience, and takes itself back; on the real engine, by the shipped policies. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CanaryUnderTest } from '../support/canary.js';
import { Load } from '../support/load.js';
import { workload } from '../support/manifest.js';
import { useStack } from '../support/stack.js';

describe('a canary', () => {
  const stack = useStack({ services: workload({ name: 'app' }) });
  const canary = new CanaryUnderTest(stack);
  let load: Load;

  beforeEach(() => {
    load = new Load(`http://127.0.0.1:${String(stack.port)}/`, { gets: 8, posts: 0 });
  });

  afterEach(() => load.stop());

  test('that is good goes through its steps, waits at a pause, and is promoted; nobody notices', async () => {
    const seq = await stack.lastSeq();
    await canary.wish('2', [{ weight: 40, hold: '1s' }, { pause: true }, { weight: 80, hold: '1s' }]);
    await stack.condition('Promoted', 'False', 'Paused');
    expect(await canary.shares()).toEqual([40, 60]);
    await canary.wish('2', [
      { weight: 40, hold: '1s' },
      { weight: 80, hold: '1s' },
    ]);
    await stack.condition('Promoted', 'False', 'AwaitingPromotion');
    expect(await canary.shares()).toEqual([80, 20]);
    await stack.condition('CanaryHealthy', 'True');
    await stack.set({ mode: 'stable' });
    await stack.event(seq, 'promote', { target_mode: 'stable', version: '2' });
    await stack.left(1);
    expect((await stack.eventsSince(seq, 'canary_step')).map(({ weight }) => weight)).toEqual([40, 40, 80]);
    expect((await stack.eventsSince(seq, 'canary_look')).length).toBeGreaterThan(2);
    await load.stop();
    expect(load.failures).toEqual([]);
    expect([...load.versions.keys()].sort()).toEqual(['1', '2']);
  });

  test('that is bad is taken back, stopped and kept, and not tried again', async () => {
    const seq = await stack.lastSeq();
    await canary.wish('3', [{ weight: 0, hold: '1h' }]);
    await canary.atStep(1);
    await canary.chaos({ mode: 'error', rate: 1 });
    await canary.wish('3', [{ weight: 25, hold: '1h' }]);
    await stack.event(seq, 'rollback', { from: '3', version: '2' });
    await stack.condition('CanaryHealthy', 'False', 'CanaryRejected');
    await stack.condition('Stalled', 'True', 'RolloutFailed');
    await canary.isOver('2');
    await stack.until('the canary is stopped, and kept for its logs', async () => {
      const replicas = await stack.replicas();
      return replicas.filter(({ State }) => !State.Running).length === 1;
    });
    await stack.kill9();
    stack.startController();
    await stack.condition('Stalled', 'True', 'RolloutFailed');
    expect(await stack.eventsSince(seq, 'rollback')).toHaveLength(1);
    expect(await stack.servedVersion()).toBe('2');
    await stack.set({ mode: 'stable', version: '2' });
    await stack.settled();
  });

  test('that dies costs nobody a request, and counts what it failed', async () => {
    await canary.wish('4', [{ weight: 50, hold: '1h' }]);
    await canary.atStep(1);
    await canary.isJudged();
    await canary.kill('canary');
    await stack.waitFor(
      'its failed attempts are counted',
      ({ services }) => (services[0]?.rollout?.canary?.errors ?? 0) > 0,
    );
    await load.stop();
    expect(load.failures).toEqual([]);
    await stack.set({ mode: 'stable', version: '2' });
    await stack.settled();
    await stack.left(1);
  });

  test('keeps its step and its figures when the controller is killed', async () => {
    await canary.wish('5', [
      { weight: 50, hold: '1s' },
      { weight: 60, hold: '1h' },
    ]);
    await canary.atStep(2);
    await canary.isJudged();
    const before = await canary.requests();
    await stack.kill9();
    stack.startController();
    await stack.settled();
    await canary.isJudged(before);
    expect(await canary.shares()).toEqual([60, 40]);
    await stack.set({ mode: 'stable', version: '2' });
    await stack.settled();
    await stack.left(1);
  });

  test('begins at its first step again when the notes are lost, and nobody notices', async () => {
    const held = (weights: readonly number[]) => weights.map((weight) => ({ weight, hold: '1h' }));
    await canary.wish('6', [{ weight: 50, hold: '1s' }, ...held([80])]);
    await canary.atStep(2);
    const seq = await stack.lastSeq();
    const ids = async () => (await stack.replicas()).map(({ Id }) => Id).sort();
    const before = await ids();
    await stack.kill9();
    await rm(join(stack.dir, '.swiftdeploy'), { recursive: true });
    await canary.wish('6', held([50, 80]));
    stack.startController();
    await stack.event(seq, 'policy_changed');
    await stack.waitFor('its first step is served', ({ services }) => {
      const [service] = services;
      return service?.rollout?.step === 1 && service.tracks.some(({ weight }) => weight === 50);
    });
    await stack.settled();
    expect(await canary.shares()).toEqual([50, 50]);
    expect(await ids()).toEqual(before);
    const given = (await stack.eventsSince(seq, 'canary_step')).map(({ weight }) => weight);
    expect(given).toEqual([50]);
    expect(stack.log).toContain('state.json is gone');
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(load.versions.size).toBe(2);
    await stack.set({ mode: 'stable', version: '2' });
    await stack.settled();
    await stack.left(1);
  });
});
