/** A canary in the trouble of real life: people who change their minds, policies that say nothing, replicas that die, a host that restarts; what is left in the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CanaryUnderTest } from '../support/canary.js';
import { docker, remove } from '../support/engine.js';
import { EngineTap } from '../support/engine-tap.js';
import { Load } from '../support/load.js';
import { expectWhole, Stack } from '../support/stack.js';

const STABLE_ONLY = ['policy', 'proxy', 'service/app/stable/1'];
const BOTH = ['policy', 'proxy', 'service/app/canary/1', 'service/app/stable/1'];
const CLIENTS = { gets: 8, posts: 2, idle: 3 };
/** So many good requests are more than enough to go on. */
const PROVEN = 700;
const QUARTER = [{ weight: 25, hold: '1h' }];

describe('a canary', () => {
  const stack = new Stack();
  const tap = new EngineTap(join(stack.dir, 'engine.sock'));
  const canary = new CanaryUnderTest(stack);
  let load: Load;

  beforeAll(async () => {
    await stack.prepare();
    await tap.listen();
    stack.startController(tap.env);
    await stack.settled();
  });
  beforeEach(() => {
    load = new Load(`http://127.0.0.1:${String(stack.port)}/`, CLIENTS);
  });
  afterEach(async () => {
    tap.fail = undefined;
    await load.stop();
    await stack.check();
  });
  afterAll(async () => {
    await stack.dispose();
    tap.close();
  });

  async function back(version = '1'): Promise<void> {
    await stack.set({ mode: 'stable', version });
    await stack.settled();
    await stack.left(1);
    await canary.isOver(version);
    await expectWhole(stack, STABLE_ONLY);
  }

  async function nobodyNoticed(): Promise<void> {
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(load.answered).toBeGreaterThan(0);
  }

  /** `mode` and its version, back and forth five times within a second. */
  async function toggle(first: 'canary' | 'stable', version: string): Promise<void> {
    for (let turn = 0; turn < 5; turn += 1) {
      const isCanary = (turn % 2 === 0) === (first === 'canary');
      if (isCanary) await canary.wish(version, QUARTER);
      else await stack.set({ mode: 'stable', version: '1' });
      await sleep(180);
    }
  }

  test('that is wished for and not, five times within a second: there is one in the end, and at its step', async () => {
    await toggle('canary', '2');
    await canary.atStep(1);
    await stack.settled();
    await stack.left(2);
    expect(await canary.shares()).toEqual([25, 75]);
    await expectWhole(stack, BOTH);
    await canary.isJudged();
    await nobodyNoticed();
  });

  test('and the other way round: there is none in the end, and the stable version was never restarted', async () => {
    const [before] = await canary.replicas('stable');
    await toggle('stable', '2');
    await stack.settled();
    await stack.left(1);
    await canary.isOver('1');
    await expectWhole(stack, STABLE_ONLY);
    const after = await stack.replica();
    expect([after.Id, after.State.StartedAt]).toEqual([before?.Id, before?.State.StartedAt]);
    await nobodyNoticed();
  });

  test('of which only the word changes, five times within a second, with the last one stable: it is promoted once', async () => {
    const seq = await stack.lastSeq();
    await stack.set({ mode: 'canary', version: '2', canary: { steps: QUARTER } });
    for (let turn = 0; turn < 4; turn += 1) {
      await sleep(180);
      await stack.set({ mode: turn % 2 === 0 ? 'stable' : 'canary' });
    }
    await sleep(180);
    await stack.set({ mode: 'stable' });
    await stack.settled();
    await stack.left(1);
    await canary.isOver('2');
    await expectWhole(stack, STABLE_ONLY);
    expect(await stack.eventsSince(seq, 'rollback')).toEqual([]);
    await nobodyNoticed();
    await back();
  });

  test('taken back by a person, and back again, and back: the last word is done, without a failed request', async () => {
    const seq = await stack.lastSeq();
    await canary.wish('3', [{ weight: 25, hold: '1s' }]);
    await stack.condition('Promoted', 'False', 'AwaitingPromotion');
    await back();
    await stack.event(seq, 'rollback', { from: '3', version: '1' });
    const again = await stack.lastSeq();
    await canary.wish('3', [{ weight: 25, hold: '1s' }]);
    await stack.condition('Promoted', 'False', 'AwaitingPromotion');
    expect((await stack.eventsSince(again, 'canary_step')).map(({ weight }) => weight)).toEqual([25]);
    expect(await canary.shares()).toEqual([25, 75]);
    await expectWhole(stack, BOTH);
    await stack.set({ mode: 'stable' });
    await stack.event(again, 'promote', { target_mode: 'stable', version: '3' });
    await stack.settled();
    await stack.left(1);
    await canary.isOver('3');
    await nobodyNoticed();
    await back();
  });

  /** Through the loss of a stable replica to the last step. */
  async function loseStable(version: string, how: 'killed' | 'removed'): Promise<void> {
    const seq = await stack.lastSeq();
    const steps = [25, 50].map((weight) => ({ weight, hold: '2s' }));
    await canary.wish(version, steps);
    await canary.atStep(1);
    await canary.isJudged();
    const [stable] = await canary.replicas('stable');
    if (how === 'killed') await canary.kill('stable');
    else await remove(stable?.Id ?? '');
    await stack.event(seq, 'drift_healed');
    await stack.condition('Promoted', 'False', 'AwaitingPromotion');
    await stack.condition('CanaryHealthy', 'True');
    await stack.settled();
    expect(await canary.shares()).toEqual([50, 50]);
    expect((await stack.eventsSince(seq, 'canary_step')).map(({ weight }) => weight)).toEqual([25, 50]);
    expect(await stack.eventsSince(seq, 'rollback')).toEqual([]);
    expect(await stack.eventsSince(seq, 'replica_failed')).toEqual([]);
    const shares = await stack.eventsSince(seq, 'canary_share');
    expect(shares.map(({ cause }) => cause)).not.toContain('no replica of it works');
  }

  test('whose stable version is removed stands in for it, and goes on where it was when that is back', async () => {
    await loseStable('4', 'removed');
    await expectWhole(stack, BOTH);
    await load.stop();
    load = new Load(`http://127.0.0.1:${String(stack.port)}/`, CLIENTS);
    await back();
    await nobodyNoticed();
  });

  test('of whose two stable replicas one is killed goes on, and no more is lost than was on its way', async () => {
    await stack.set({ replicas: 2 });
    await stack.left(2);
    await stack.settled();
    await loseStable('5', 'killed');
    await load.stop();
    expect(load.failures.length, load.failures.join('\n')).toBeLessThanOrEqual(
      CLIENTS.gets + CLIENTS.posts + CLIENTS.idle,
    );
    await stack.set({ mode: 'stable', version: '1', replicas: 1 });
    await back();
  });

  test('whose host restarts while nobody controls it has its share and its step as before, is judged on, and goes on', async () => {
    const seq = await stack.lastSeq();
    await canary.wish('6', [{ weight: 25, hold: '1h' }]);
    await canary.atStep(1);
    await canary.isJudged();
    await stack.kill9();
    await load.stop();
    const ids = await stack.ids();
    await Promise.all(ids.map((id) => docker.getContainer(id).restart({ t: 1 })));
    await stack.until('the stack serves without a controller', () => stack.servedVersion());
    load = new Load(`http://127.0.0.1:${String(stack.port)}/`, CLIENTS);
    const before = await canary.requests();
    const given = await stack.lastSeq();
    stack.startController(tap.env);
    await stack.settled();
    await canary.isJudged(before);
    expect(await canary.shares()).toEqual([25, 75]);
    expect(await stack.ids()).toEqual(ids);
    expect(await stack.eventsSince(given, 'canary_step')).toEqual([]);
    await stack.condition('CanaryHealthy', 'True');
    await canary.wish('6', [
      { weight: 25, hold: '1s' },
      { weight: 50, hold: '1s' },
    ]);
    await stack.condition('Promoted', 'False', 'AwaitingPromotion');
    expect(await canary.shares()).toEqual([50, 50]);
    expect(await stack.eventsSince(seq, 'rollback')).toEqual([]);
    await nobodyNoticed();
    await back();
  });

  test('that fails one of five requests at a quarter of forty a second has none any more after what comes in ten seconds', async () => {
    await load.stop();
    load = new Load(`http://127.0.0.1:${String(stack.port)}/`, { gets: 4, posts: 0, idle: 0, pauseMs: 100 });
    const seq = await stack.lastSeq();
    await canary.wish('7', QUARTER);
    await canary.atStep(1);
    await canary.chaos({ mode: 'error', rate: 0.2 });
    const { seq: end } = await stack.event(seq, 'rollback', { from: '7', version: '1' });
    await stack.condition('Stalled', 'True', 'RolloutFailed');
    await canary.isOver('1');
    await load.stop();
    for (const failure of load.failures) expect(failure).toMatch(/GET 500 /);
    // The requests tell the time, on however slow a machine: a quarter of forty, for ten seconds. By chance the evidence takes more once in 4,000 times.
    const looks = await stack.eventsSince(seq, 'canary_look');
    const last = looks.filter(({ seq: at }) => at < end).at(-1);
    expect(last).toMatchObject({ verdict: 'rollback' });
    expect((last?.canary as { requests: number }).requests).toBeLessThanOrEqual(100);
    expect(looks.filter(({ verdict }) => verdict === 'rollback')).toHaveLength(1);
    await back();
  });

  describe.each([
    ['hangs', /\/(unpause|restart)\b|\/containers\/create\?.*-policy-/],
    ['is gone', /\/containers\/create\?.*-policy-/],
  ])('whose policy engine %s for all of its time', (how, mending) => {
    const version = how.replace(' ', '-');

    async function silence(): Promise<void> {
      tap.fail = mending;
      const { Id } = await stack.part('policy');
      if (how === 'hangs') await docker.getContainer(Id).pause();
      else await remove(Id);
    }

    test('stays where it is, is left by a person at once, begins only when there is an answer, and goes on by itself', async () => {
      const steps = [
        { weight: 50, hold: '2s' },
        { weight: 75, hold: '1s' },
      ];
      await canary.wish(version, steps);
      await canary.atStep(1);
      await silence();
      const seq = await stack.lastSeq();
      await stack.condition('CanaryHealthy', 'Unknown', 'NobodyJudges');
      await canary.isJudged(PROVEN);
      expect(await canary.shares()).toEqual([50, 50]);
      expect(await stack.eventsSince(seq, 'canary_step')).toEqual([]);

      await stack.set({ mode: 'stable', version: '1' });
      await canary.isOver('1');
      await stack.event(seq, 'rollback', { from: version, version: '1' });
      await stack.event(seq, 'policy_denied', { question: 'rollback', proceeded: true });
      await stack.left(1);

      const denied = await stack.lastSeq();
      await canary.wish(version, steps);
      await stack.event(denied, 'policy_denied', { proceeded: false });
      await canary.isOver('1');
      expect(await stack.eventsSince(denied, 'canary_step')).toEqual([]);

      tap.fail = undefined;
      const healed = async () => (await stack.eventsSince(denied, 'drift_healed'))[0];
      // The pause between two tries has grown meanwhile.
      await stack.until('there is a policy engine again', healed, { timeoutMs: 60_000 });
      await stack.condition('Promoted', 'False', 'AwaitingPromotion');
      expect((await stack.eventsSince(denied, 'canary_step')).map(({ weight }) => weight)).toEqual([50, 75]);
      await stack.settled();
      await expectWhole(stack, BOTH);
      await nobodyNoticed();
      await back();
    });
  });
});
