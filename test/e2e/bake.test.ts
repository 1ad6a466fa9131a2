/** A promotion that bakes: judged while the old version stands by; on the real engine, by the shipped policies. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Load } from '../support/load.js';
import { workload } from '../support/manifest.js';
import { useStack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';

const HEADER = 'X-Canary';
const STEPS = [{ weight: 50, hold: '1s' }];

describe('a promotion that bakes', () => {
  const stack = useStack({ services: workload({ name: 'app' }) });
  let load: Load;

  beforeEach(() => {
    load = new Load(`http://127.0.0.1:${String(stack.port)}/`, { gets: 8, posts: 0 });
  });

  afterEach(() => load.stop());

  /** At its only step, and judged. */
  async function canary(version: string, bake: string): Promise<void> {
    await stack.set({ mode: 'canary', version, canary: { steps: STEPS, header: HEADER, bake } });
    await stack.condition('Promoted', 'False', 'AwaitingPromotion');
    await stack.condition('CanaryHealthy', 'True');
  }

  async function promote(): Promise<void> {
    await stack.set({ mode: 'stable' });
    await stack.condition('Promoted', 'False', 'Baking');
  }

  function shares(): Promise<readonly unknown[]> {
    return stack.waitFor('shares', ({ services }) => services[0]?.tracks.map(({ weight }) => weight));
  }

  function bake(): Promise<unknown> {
    return stack.waitFor('the bake', ({ services }) => services[0]?.rollout?.bake);
  }

  /** By container: when it was started. */
  async function starts(version: string): Promise<readonly string[]> {
    const replicas = await stack.replicas();
    return replicas
      .filter(({ Config }) => Config.Env.includes(`APP_VERSION=${version}`))
      .map(({ Id, State }) => `${Id} ${State.StartedAt}`);
  }

  test('and goes well becomes the stable version; nobody notices', async () => {
    const seq = await stack.lastSeq();
    await canary('2', '3s');
    await promote();
    expect(await shares()).toEqual([100, 0]);
    await stack.event(seq, 'promote', { target_mode: 'stable', version: '2' });
    await stack.left(1);
    expect((await stack.eventsSince(seq, 'canary_step')).at(-1)).toMatchObject({
      weight: 100,
      bake_seconds: 3,
    });
    await load.stop();
    expect(load.failures).toEqual([]);
    expect([...load.versions.keys()].sort()).toEqual(['1', '2']);
  });

  test('and goes bad is back on the old version, which was never restarted', async () => {
    const seq = await stack.lastSeq();
    const before = await starts('2');
    await canary('3', '1h');
    await promote();
    const answer = await fetch(`http://127.0.0.1:${String(stack.port)}/chaos`, {
      method: 'POST',
      body: JSON.stringify({ mode: 'error', rate: 1 }),
      headers: { [HEADER]: 'always', connection: 'close' },
    });
    expect(answer.status).toBe(200);
    const { cause } = await stack.event(seq, 'rollback', { from: '3', version: '2' });
    expect(cause).toMatch(/^app 3: taken back in its bake, \d+ s after its promotion: /);
    await stack.condition('CanaryHealthy', 'False', 'CanaryRejected');
    await stack.condition('Stalled', 'True', 'RolloutFailed');
    await stack.until('the old version alone has the traffic', async () => {
      const seen = new Set<unknown>();
      for (let asked = 0; asked < 20; asked += 1) seen.add(await stack.servedVersion());
      return [...seen].join() === '2';
    });
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
    await canary('4', '1h');
    await promote();
    const begun = await bake();
    await stack.kill9();
    stack.startController();
    await stack.settled();
    expect(await bake()).toEqual(begun);
    expect(await shares()).toEqual([100, 0]);
    await stack.set({ version: '2' });
    await stack.event(seq, 'rollback', { from: '4', version: '2' });
    await stack.settled();
    await stack.left(1);
    await load.stop();
    expect(load.failures).toEqual([]);
  });

  test('is told by every command, and aborted by one', async () => {
    const cli = new CommandLine(stack.dir);
    await canary('5', '1h');
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
