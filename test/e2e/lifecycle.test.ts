/** How a controller begins and ends, and what `run --once` says about it with its exit code. */
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { docker } from '../support/engine.js';
import { Load } from '../support/load.js';
import { NODE } from '../support/manifest.js';
import { Stack, useStack } from '../support/stack.js';

describe('SIGTERM', () => {
  const stack = useStack();

  test('ends the controller with 0 within 10 s and costs no request', async () => {
    const load = new Load(`http://127.0.0.1:${String(stack.port)}/`);
    const before = await stack.ids();
    expect(await stack.stop()).toBe(0);
    expect((await stack.history()).at(-1)).toMatchObject({ event: 'controller_stopped' });
    expect(await stack.servedVersion()).toBe('1');
    expect(await stack.ids()).toEqual(before);
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(load.answered).toBeGreaterThan(0);
  });

  test('in the middle of a rollout ends it with 0, and the next controller goes on', async () => {
    const controller = stack.startController();
    await stack.settled();
    await stack.set({ version: '2' });
    await controller.saw(/startContainer .*-app-/);
    expect(await stack.stop()).toBe(0);
    expect(await stack.servedVersion()).toBeDefined();
    stack.startController();
    await stack.settled();
    expect(await stack.servedVersion()).toBe('2');
    expect(await stack.replicas()).toHaveLength(1);
  });

  test('a second start changes nothing', async () => {
    const before = await stack.ids();
    const seq = await stack.lastSeq();
    await stack.stop();
    stack.startController();
    await stack.event(seq, 'controller_started');
    await stack.controller?.saw(/./).catch(() => undefined);
    await stack.settled();
    expect(await stack.ids()).toEqual(before);
    expect(await stack.happenedSince(seq)).toEqual(['controller_stopped', 'controller_started']);
  });
});

describe('SIGTERM while the first policies are tried', () => {
  const stack = new Stack();
  beforeAll(() => stack.prepare());
  afterEach(() => stack.check());
  afterAll(() => stack.dispose());

  test('ends the controller with 0 within 10 s, and no check is left', async () => {
    const controller = stack.startController();
    const filters = { label: [`swiftdeploy.stack=${stack.name}`] };
    const checks = () => docker.listContainers({ all: true, filters });
    await stack.until('a check runs', async () => (await checks()).length > 0 || undefined);
    expect(await stack.stop()).toBe(0);
    expect(await checks()).toEqual([]);
    expect(controller.log).not.toContain('checked any more');
  });
});

describe('status.json is a folder', () => {
  const stack = useStack();

  test('the controller says it once, goes on, and writes it when the folder is gone', async () => {
    await rm(stack.statusPath);
    await mkdir(stack.statusPath);
    await stack.set({ version: '2' });
    await stack.serves('2');
    await stack.controller?.saw(/status\.json cannot be read or written: it is a directory/);
    await stack.set({ version: '3' });
    await stack.serves('3');
    await rmdir(stack.statusPath);
    await stack.settled();
    expect(stack.log.match(/it is a directory/g)).toHaveLength(1);
  });
});

describe('run --once', () => {
  const stack = new Stack();
  beforeAll(() => stack.prepare());
  afterEach(() => stack.check());
  afterAll(() => stack.dispose());

  test('2: denied by policy, and nothing was started', async () => {
    await stack.setThresholds({ min_disk_free_gb: 9_000_000 });
    expect(await stack.once()).toBe(2);
    expect(await stack.replicas()).toEqual([]);
    await stack.setThresholds({ min_disk_free_gb: 0 });
  });

  test('0: settled', async () => {
    expect(await stack.once()).toBe(0);
    expect(await stack.servedVersion()).toBe('1');
  });

  test('0 again, with nothing to do', async () => {
    const before = await stack.ids();
    expect(await stack.once()).toBe(0);
    expect(await stack.ids()).toEqual(before);
  });

  test('1: a status that cannot be written, and the last line says which file and why', async () => {
    await rm(stack.statusPath, { force: true });
    await mkdir(stack.statusPath);
    expect(await stack.once()).toBe(1);
    expect(stack.log.trimEnd().split('\n').at(-1)).toContain(
      `${stack.statusPath} cannot be read or written: it is a directory`,
    );
    await rmdir(stack.statusPath);
    expect(await stack.once()).toBe(0);
  });

  test('1: a version that does not get healthy, while the last good one serves', async () => {
    await stack.set({ version: '2', image: NODE, command: ['node', '-e', 'process.exit(3)'] });
    expect(await stack.once()).toBe(1);
    expect(await stack.servedVersion()).toBe('1');
  });

  test('3: a bad manifest, which touches no container', async () => {
    const before = await stack.ids();
    await writeFile(stack.manifestPath, 'services: [');
    expect(await stack.once()).toBe(3);
    expect(await stack.ids()).toEqual(before);
  });
});
