/** A promotion that bakes: judged while the old version stands by; on the real engine, by the shipped policies. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BakeUnderTest } from '../support/bake.js';
import { pidOf } from '../support/engine.js';
import { Load } from '../support/load.js';
import { workload } from '../support/manifest.js';
import { useStack, type Stack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';

function ofOneApp(): Stack {
  return useStack({ services: workload({ name: 'app' }) });
}

function loadOf(stack: Stack): Load {
  return new Load(`http://127.0.0.1:${String(stack.port)}/`, { gets: 8, posts: 0 });
}

describe('a promotion that bakes', () => {
  const stack = ofOneApp();
  const bake = new BakeUnderTest(stack);
  let load: Load;

  beforeEach(() => {
    load = loadOf(stack);
  });

  afterEach(() => load.stop());

  /** By container: when it was started. */
  async function starts(version: string): Promise<readonly string[]> {
    const replicas = await stack.replicas();
    return replicas
      .filter(({ Config }) => Config.Env.includes(`APP_VERSION=${version}`))
      .map(({ Id, State }) => `${Id} ${State.StartedAt}`);
  }

  test('and goes well becomes the stable version; nobody notices', async () => {
    const seq = await stack.lastSeq();
    await bake.canary('2', '3s');
    await bake.promote();
    expect(await bake.shares()).toEqual([100, 0]);
    const promoted = await stack.event(seq, 'promote', { target_mode: 'stable', version: '2' });
    await stack.left(1);
    const step = (await stack.eventsSince(seq, 'canary_step')).at(-1);
    expect(step).toMatchObject({ weight: 100, bake_seconds: 3 });
    for (const told of [step, promoted])
      expect(told).toHaveProperty(
        'decision.answers',
        expect.arrayContaining([
          expect.objectContaining({ domain: 'canary', question: 'promote', allow: true }),
        ]),
      );
    await load.stop();
    expect(load.failures).toEqual([]);
    expect([...load.versions.keys()].sort()).toEqual(['1', '2']);
  });

  test('and goes bad is back on the old version, which was never restarted', async () => {
    const seq = await stack.lastSeq();
    const before = await starts('2');
    await bake.canary('3', '1h');
    await bake.promote();
    await bake.fail();
    const { cause } = await stack.event(seq, 'rollback', { from: '3', version: '2' });
    expect(cause).toMatch(/^app 3: taken back in its bake, \d+ s after its promotion: /);
    await stack.condition('CanaryHealthy', 'False', 'CanaryRejected');
    await stack.condition('Stalled', 'True', 'RolloutFailed');
    await bake.isBackAt('2');
    expect(await starts('2')).toEqual(before);
    await stack.kill9();
    stack.startController();
    await stack.condition('Stalled', 'True', 'RolloutFailed');
    expect(await stack.servedVersion()).toBe('2');
    await stack.set({ version: '2' });
    await stack.settled();
  });

  test('goes on where it was when the controller is killed, and a person goes back at once', async () => {
    const seq = await stack.lastSeq();
    await bake.canary('4', '1h');
    await bake.promote();
    const begun = await bake.since();
    await stack.kill9();
    stack.startController();
    await stack.settled();
    expect(await bake.since()).toBe(begun);
    expect(await bake.shares()).toEqual([100, 0]);
    await stack.set({ version: '2' });
    await stack.event(seq, 'rollback', { from: '4', version: '2' });
    await stack.settled();
    await stack.left(1);
    await load.stop();
    expect(load.failures).toEqual([]);
  });

  test('is told by every command, and aborted by one', async () => {
    const cli = new CommandLine(stack.dir);
    await bake.canary('5', '1h');
    const promoted = await cli.run('promote', 'stable');
    expect([promoted.code, promoted.stderr]).toEqual([
      0,
      expect.stringMatching(/5 serves everybody and bakes until .*Z, the version before stands by/),
    ]);
    const status = await cli.succeed('rollout', 'status');
    expect(status.stdout).toContain('promoted, all of the requests; the version before stands by');
    expect(status.stdout).toMatch(/bakes {5}\d+ \w+ of 1 h, .* left/);
    expect((await cli.succeed('plan')).stdout).toContain('app: 5 serves everybody and bakes until');
    expect((await cli.run('rollout', 'pause')).stderr).toContain('the canary of app is promoted and bakes');
    await cli.succeed('rollout', 'abort');
    await stack.serves('2');
    await stack.left(1);
    const history = await cli.succeed('rollout', 'history');
    expect(history.stdout).toMatch(/app 5: aborted after .*\n +50 % → bake\n/);
    await load.stop();
    expect(load.failures).toEqual([]);
  });
});

describe('a bake whose policy engine hangs', () => {
  const stack = ofOneApp();
  const bake = new BakeUnderTest(stack);
  let load: Load;

  beforeEach(() => {
    load = loadOf(stack);
  });

  afterEach(() => load.stop());

  async function hang(): Promise<void> {
    process.kill(await pidOf((await stack.part('policy')).Id), 'SIGSTOP');
  }

  /** In the history, after the policy engine was mended. */
  async function isAfterTheMending(event: string, seq: number): Promise<void> {
    const { seq: mendedAt } = await stack.event(seq, 'drift_healed', { target: /-policy-/ });
    const [first] = await stack.eventsSince(seq, event);
    expect(first?.seq).toBeGreaterThan(mendedAt);
  }

  test('is left at once by a person', async () => {
    await bake.canary('2', '1h');
    await bake.promote();
    const seq = await stack.lastSeq();
    await hang();
    await stack.set({ version: '1' });
    await stack.serves('1', { timeoutMs: 10_000 });
    await stack.event(seq, 'rollback', { from: '2', version: '1' });
    await stack.event(seq, 'policy_denied', { question: 'rollback', proceeded: true });
    await stack.settled();
    await stack.left(1);
    await load.stop();
    expect(load.failures).toEqual([]);
  });

  test('is not taken back by nobody, and at once when somebody judges: what failed meanwhile counts', async () => {
    await bake.canary('3', '1h');
    await bake.promote();
    const seq = await stack.lastSeq();
    await hang();
    await bake.fail();
    await stack.condition('CanaryHealthy', 'Unknown', 'NobodyJudges');
    expect(await bake.shares()).toEqual([100, 0]);
    await stack.event(seq, 'rollback', { from: '3', version: '1' });
    await isAfterTheMending('rollback', seq);
    await stack.condition('Stalled', 'True', 'RolloutFailed');
    await bake.isBackAt('1');
    await stack.set({ version: '1' });
    await stack.settled();
    await stack.left(1);
  });

  test('is not over when its time is, and is when somebody judges again', async () => {
    await bake.canary('4', '1h');
    await bake.promote();
    const since = await bake.since();
    const seq = await stack.lastSeq();
    await hang();
    await bake.shorten('1s');
    await stack.condition('CanaryHealthy', 'Unknown', 'NobodyJudges');
    expect(await bake.lookAfterItsTime()).toMatchObject({ shares: [100, 0], since });
    await stack.event(seq, 'promote', { target_mode: 'stable', version: '4' });
    await isAfterTheMending('promote', seq);
    await stack.settled();
    await stack.left(1);
    await load.stop();
    expect(load.failures).toEqual([]);
  });
});

describe('a bake of a stack that is suspended', () => {
  const stack = ofOneApp();
  const bake = new BakeUnderTest(stack);
  const cli = new CommandLine(stack.dir);
  let load: Load;

  beforeEach(() => {
    load = loadOf(stack);
  });

  afterEach(() => load.stop());

  test('keeps the old version though it goes wrong, and goes back when that ends', async () => {
    await bake.canary('2', '1h');
    await bake.promote();
    const seq = await stack.lastSeq();
    await cli.succeed('suspend', '--why', 'INC-7');
    const ids = await stack.ids();
    await bake.fail();
    await stack.condition('CanaryHealthy', 'False');
    await stack.condition('Ready', 'False', 'Suspended');
    expect([await bake.shares(), await stack.ids()]).toEqual([[100, 0], ids]);
    expect(await stack.eventsSince(seq, 'rollback')).toEqual([]);
    await cli.succeed('resume');
    await stack.event(seq, 'rollback', { from: '2', version: '1' });
    await bake.isBackAt('1');
    await stack.set({ version: '1' });
    await stack.settled();
    await stack.left(1);
  });

  test('is not over when its time is; the time counts on, and at the end of the suspend it is', async () => {
    await bake.canary('3', '1h');
    await bake.promote();
    const [seq, since, ids] = [await stack.lastSeq(), await bake.since(), await stack.ids()];
    await cli.succeed('suspend', '--why', 'INC-8');
    await bake.shorten('1s');
    const look = await bake.lookAfterItsTime();
    expect(await bake.lookAfter(look)).toMatchObject({ shares: [100, 0], since });
    expect(await stack.ids()).toEqual(ids);
    expect(await stack.eventsSince(seq, 'promote')).toEqual([]);
    await cli.succeed('resume');
    await stack.event(seq, 'promote', { target_mode: 'stable', version: '3' });
    await stack.settled();
    await stack.left(1);
    await load.stop();
    expect(load.failures).toEqual([]);
  });
});
