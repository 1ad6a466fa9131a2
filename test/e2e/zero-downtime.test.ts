/** Nobody notices: clients with keep-alive connections ask without a pause while everything that people do is done. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Load } from '../support/load.js';
import { workload } from '../support/manifest.js';
import { PlanAndRun } from '../support/plan-and-run.js';
import { useStack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';

describe('under load, no request fails', () => {
  const stack = useStack({ services: workload({ name: 'app', drain: '10s' }) });
  let load: Load;

  beforeEach(() => {
    load = new Load(`http://127.0.0.1:${String(stack.port)}/`, { gets: 6, posts: 2 });
  });

  afterEach(async () => {
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(load.answered).toBeGreaterThan(20);
  });

  /** Saved, served, and nothing is on its way any more. */
  async function change(fields: Record<string, unknown>, version: string): Promise<void> {
    await stack.set(fields);
    await stack.serves(version);
    await stack.settled();
  }

  test('while the version changes five times', async () => {
    for (const version of ['2', '3', '4', '5', '6']) await change({ version }, version);
    await stack.left(1);
    expect([...load.versions.keys()]).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  test('while a canary starts, takes the traffic and is promoted', async () => {
    await change({ mode: 'canary', version: '7' }, '7');
    expect((await stack.get()).text).toContain('"mode":"canary"');
    await stack.condition('Promoted', 'False');
    const seq = await stack.lastSeq();
    await change({ mode: 'stable' }, '7');
    await stack.event(seq, 'promote', { target_mode: 'stable' });
    await stack.until('stable answers', async () => (await stack.get()).text.includes('"mode":"stable"'));
    await stack.left(1);
  });

  test('while a canary is taken back', async () => {
    await change({ mode: 'canary', version: '8' }, '8');
    const seq = await stack.lastSeq();
    await change({ mode: 'stable', version: '7' }, '7');
    await stack.event(seq, 'rollback');
    await stack.left(1);
  });

  test('while there are more replicas, and fewer again', async () => {
    await change({ replicas: 3 }, '7');
    expect(await stack.replicas()).toHaveLength(3);
    await change({ version: '9' }, '9');
    await stack.left(3);
    await change({ replicas: 1 }, '9');
    await stack.left(1);
  });

  test('while the configuration of the proxy changes', async () => {
    const { Id } = await stack.part('proxy');
    await stack.edit((manifest) => {
      manifest.contact = 'somebody@example.com';
    });
    await stack.settled();
    await stack.edit(({ nginx }) => {
      nginx.proxy_timeout = 7;
    });
    await stack.settled();
    expect((await stack.part('proxy')).Id).toBe(Id);
  });

  test('while the policies change', async () => {
    const path = join(stack.policiesPath, 'infrastructure', 'infrastructure.rego');
    const seq = await stack.lastSeq();
    await writeFile(path, `${await readFile(path, 'utf8')}\n# a remark\n`);
    await stack.event(seq, 'policy_changed');
    await stack.settled();
  });

  test('while the controller is stopped, killed and started in the middle of a rollout', async () => {
    await stack.set({ version: '10' });
    await stack.kill9();
    stack.startController();
    await stack.serves('10');
    await stack.settled();
    await stack.set({ version: '11' });
    await stack.controller?.saw(/shiftTraffic/);
    await stack.kill9();
    stack.startController();
    await stack.serves('11');
    await stack.settled();
    await stack.left(1);
    expect(await stack.stop()).toBe(0);
    stack.startController();
    await stack.settled();
  });

  test('while run does what plan prints', async () => {
    await stack.stop();
    const both = new PlanAndRun(new CommandLine(stack.dir));
    for (const fields of [{ version: '12' }, { mode: 'canary', version: '13' }, { mode: 'stable' }]) {
      await stack.set(fields);
      expect(await both.expectPlanned()).toMatchObject({ changes: true });
    }
    expect([...load.versions.keys()]).toEqual(['11', '12', '13']);
  });
});
