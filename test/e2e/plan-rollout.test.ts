/** What `plan` prints is what `run` then does, while a version is on its way: step by step, baking, taken back, failing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workload } from '../support/manifest.js';
import { expectSteps, kindsOf, PlanAndRun } from '../support/plan-and-run.js';
import { Stack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';

const HEADER = 'X-Canary';
const STAY = { weight: 60, hold: '1h' };

describe('what plan prints is what run does, in a rollout', () => {
  const stack = new Stack({ services: workload({ name: 'app', drain: '0s' }) });
  const both = new PlanAndRun(new CommandLine(stack.dir));

  beforeAll(async () => {
    await stack.prepare();
    await both.run();
  });
  afterAll(() => stack.dispose());

  function canary(version: string, steps: readonly object[], more: object = {}): Promise<void> {
    return stack.set({ mode: 'canary', version, canary: { steps, header: HEADER, ...more } });
  }

  async function weights(): Promise<readonly unknown[]> {
    const status = await stack.status();
    return status?.services[0]?.tracks.map(({ track, weight }) => [track, weight]) ?? [];
  }

  test('the first step of a canary, and an edit of its share', async () => {
    await canary('2', [{ weight: 25, hold: '1h' }, STAY]);
    await both.expectPlanned();
    expect(await weights()).toEqual([
      ['canary', 25],
      ['stable', 75],
    ]);
    await canary('2', [{ weight: 40, hold: '1h' }, STAY]);
    const raised = await both.expectPlanned();
    expect(kindsOf(raised)).toEqual([]);
    expect(raised.notes).toEqual(['app: step 1 of 2, 25 %, 40 % when the policies say advance']);
    await canary('2', [{ weight: 10, hold: '1h' }, STAY]);
    expect(kindsOf(await both.expectPlanned())).toContain('shiftTraffic');
    expect(await weights()).toEqual([
      ['canary', 10],
      ['stable', 90],
    ]);
  });

  test('another version in the middle of a rollout', async () => {
    await canary('3', [{ pause: true }, STAY]);
    await both.expectPlanned();
  });

  test('a pause that a person ends', async () => {
    await canary('3', [{ pause: false }, STAY]);
    await both.expectPlanned();
    expect(await weights()).toEqual([
      ['canary', 60],
      ['stable', 40],
    ]);
  });

  test('an abort: stable has everything, the canary goes', async () => {
    await stack.set({ mode: 'stable', version: '1' });
    const plan = await both.expectPlanned();
    expect(plan.policy.answers.map(({ question }) => question)).toContain('rollback');
  });

  test('a promotion that bakes, and the way back out of the bake', async () => {
    await canary('4', [{ weight: 60, hold: '0s' }], { bake: '1h' });
    await both.expectPlanned();
    await stack.set({ mode: 'stable' });
    const plan = await both.expectPlanned();
    expect(plan.notes.join()).toContain('app 4 bakes for 3600 s after this');
    expect(await weights()).toEqual([
      ['canary', 100],
      ['stable', 0],
    ]);
    await stack.set({ version: '1' });
    await both.expectPlanned();
  });

  test('a bake whose time is over, and nobody asked anything: neither goes on', async () => {
    await canary('7', [{ weight: 60, hold: '0s' }], { bake: '1h' });
    await both.expectPlanned();
    await stack.set({ mode: 'stable' });
    await both.expectPlanned();
    await stack.set({ canary: { steps: [{ weight: 60, hold: '0s' }], header: HEADER, bake: '1s' } });
    const plan = await both.expectPlanned();
    expect(plan.stages).toEqual([]);
    expect(await weights()).toEqual([
      ['canary', 100],
      ['stable', 0],
    ]);
  });

  test('a version that failed: not tried again, until it is another', async () => {
    await stack.set({ version: '5', health: { path: '/nowhere', interval: '200ms', deadline: '2s' } });
    await both.run(1);
    const plan = await both.planned();
    expectSteps(plan, await both.run(1));
    expect(plan.notes.join()).toContain('it is not tried again until the manifest changes it');
    await stack.set({ version: '6', health: { interval: '200ms', deadline: '20s' } });
    await both.expectPlanned();
  });
});
