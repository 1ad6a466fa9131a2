/** What `plan` prints is what `run` then does, when an edit changes something else than a version. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.js';
import { kindsOf, PlanAndRun } from '../support/plan-and-run.js';
import { Stack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';

describe('what plan prints of an edit is what run does', () => {
  const stack = new Stack();
  const both = new PlanAndRun(new CommandLine(stack.dir));

  beforeAll(async () => {
    await stack.prepare();
    await both.run();
  });
  afterAll(() => stack.dispose());

  test('other policies: another engine takes over, and nothing else is touched', async () => {
    await stack.setThresholds({ min_disk_free_gb: 1 });
    const plan = await both.expectPlanned();
    const targets = new Set(plan.stages.flatMap(({ chains }) => chains.flat()).map(({ target }) => target));
    expect([...targets].filter((target) => !target.includes('-policy-'))).toEqual([]);
  });

  test('another port of the policy engine', async () => {
    const port = await freePort();
    await stack.edit(({ opa }) => Object.assign(opa, { port }));
    expect(kindsOf(await both.expectPlanned())).toContain('createContainer');
  });

  test('another time limit of the proxy: the same container, reloaded', async () => {
    await stack.edit(({ nginx }) => Object.assign(nginx, { proxy_timeout: 7 }));
    expect(kindsOf(await both.expectPlanned())).not.toContain('createContainer');
  });

  test('another port of the proxy', async () => {
    const port = await freePort();
    await stack.edit(({ nginx }) => Object.assign(nginx, { port }));
    await both.expectPlanned();
    stack.port = port;
    expect(await stack.servedVersion()).toBe('1');
  });

  test('another route: the proxy is told, and no container is made', async () => {
    await stack.set({ route: { path: '/app' } });
    const plan = await both.expectPlanned();
    expect(kindsOf(plan)).toEqual(['configureProxy']);
  });

  test.each([
    ['health', { health: { path: '/', interval: '700ms' } }],
    ['drain', { drain: '3s' }],
  ])('another %s', async (_what, fields) => {
    await stack.set(fields);
    const plan = await both.expectPlanned();
    expect(plan).toMatchObject({ changes: true, services: [{ name: 'app', change: 'changed' }] });
  });
});
