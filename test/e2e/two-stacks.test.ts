/** Several stacks on one engine, several services in one stack, and one controller for each. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ControllerProcess } from '../support/controller-process.js';
import { labelOf, remove, removeAllOf } from '../support/engine.js';
import { worker, workload } from '../support/manifest.js';
import { Stack, useStack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';

describe('two stacks side by side', () => {
  const stacks = [new Stack(), new Stack()] as const;
  const [one, other] = stacks;
  beforeAll(async () => {
    await one.up();
    await other.up();
  });
  afterEach(() => Promise.all(stacks.map((stack) => stack.check())));
  afterAll(() => Promise.all(stacks.map((stack) => stack.dispose())));

  test('what happens to one is nothing to the other', async () => {
    const before = await other.ids();
    const seq = await other.lastSeq();
    await one.set({ version: '2' });
    await remove((await one.part('proxy')).Id);
    await one.serves('2');
    await one.settled();
    expect(await other.servedVersion()).toBe('1');
    expect(await other.ids()).toEqual(before);
    expect(await other.happenedSince(seq)).toEqual([]);
  });

  test('both change at once', async () => {
    await Promise.all(stacks.map((stack) => stack.set({ version: '3' })));
    await Promise.all(stacks.map((stack) => stack.serves('3')));
    await Promise.all(stacks.map((stack) => stack.left(1)));
  });

  test('when all of one is removed, the other serves on', async () => {
    await one.stop();
    await removeAllOf(one.name);
    expect(await other.servedVersion()).toBe('3');
    const before = await other.ids();
    one.startController();
    await one.serves('3');
    await one.settled();
    expect(await other.ids()).toEqual(before);
  });

  test('one that wants a port of the other is told whose it is, and the other keeps it', async () => {
    await one.stop();
    const { port } = one;
    one.manifest.nginx.port = other.port;
    await one.save();
    one.startController();
    const { message } = await one.condition('Stalled', 'True', 'NameOrPortTaken');
    expect(message).toContain(`port ${String(other.port)} is in use by container ${other.name}-proxy`);
    expect(await other.servedVersion()).toBe('3');
    one.manifest.nginx.port = port;
    await one.save();
    await one.serves('3');
    await one.settled();
  });
});

describe('a second controller for one stack', () => {
  const stack = useStack();

  test('refuses, names the first, and changes nothing', async () => {
    const first = stack.controller?.child.pid;
    const before = await stack.ids();
    const second = new ControllerProcess({ manifest: stack.manifestPath });
    expect(await second.ended()).toBe(1);
    expect(second.log).toContain(`is controlled by process ${String(first)}`);
    expect(stack.controller?.end).toBeUndefined();
    expect(await stack.ids()).toEqual(before);
    await stack.set({ version: '2' });
    await stack.serves('2');
  });

  test('may start at once when the first was killed', async () => {
    await stack.settled();
    await stack.kill9();
    const seq = await stack.lastSeq();
    stack.startController();
    await stack.event(seq, 'controller_started');
    await stack.set({ version: '3' });
    await stack.serves('3');
  });
});

describe('a stack that is run from one folder', () => {
  const stack = useStack();
  const copy = new CommandLine(`${stack.dir}-copy`);
  afterAll(() => rm(copy.dir, { recursive: true, force: true }));

  test('is not changed by a copy of that folder, under the same name or another', async () => {
    await stack.stop();
    await cp(stack.dir, copy.dir, { recursive: true });
    stack.startController();
    await stack.set({ version: '2' });
    await stack.serves('2');
    await stack.settled();
    await stack.stop();
    const before = await stack.ids();
    const same = await copy.run('run', '--once');
    const text = await readFile(copy.path('manifest.yaml'), 'utf8');
    await writeFile(copy.path('manifest.yaml'), text.replaceAll(stack.name, `${stack.name}-2`));
    const others = [
      await copy.run('run', '--once'),
      await copy.run('plan'),
      await copy.run('teardown', '--yes'),
      await copy.run('validate'),
    ];
    for (const { code, stdout, stderr } of [same, ...others]) {
      expect(stdout + stderr).toContain(
        `${copy.path('.swiftdeploy')} is a copy of ${join(stack.dir, '.swiftdeploy')}`,
      );
      expect(code).toBe(1);
    }
    expect(await stack.ids()).toEqual(before);
    expect(await stack.servedVersion()).toBe('2');
  });

  test('nor by a folder without notes that says the same name', async () => {
    const before = await stack.ids();
    await rm(copy.dir, { recursive: true });
    await mkdir(copy.dir);
    const text = await readFile(stack.manifestPath, 'utf8');
    await writeFile(copy.path('manifest.yaml'), text.replace('name: app', 'name: other'));
    for (const command of [['deploy'], ['plan'], ['teardown', '--yes'], ['validate']]) {
      const { code, stdout, stderr } = await copy.run(...command);
      expect(stdout + stderr).toContain(
        `stack ${stack.name} is run from another folder, whose notes are in ${join(stack.dir, '.swiftdeploy')}`,
      );
      expect(code).toBe(1);
    }
    expect(await stack.ids()).toEqual(before);
    stack.startController();
    await stack.settled();
    expect(await stack.ids()).toEqual(before);
  });
});

describe('many services', () => {
  const stack = useStack({
    services: {
      web: workload({ version: 'w1', route: { path: '/' } }),
      api: workload({ version: 'a1', route: { host: 'api.example.com', path: '/' } }),
      // The workload knows no prefix: any path but its own is answered 404, by it and not by the proxy.
      admin: workload({ version: 'b1', route: { path: '/admin' } }),
      worker: worker('k1'),
    },
  });

  const version = async (host?: string) => {
    const { text } = await stack.get('/', host === undefined ? {} : { host });
    return (JSON.parse(text) as { version: string }).version;
  };

  test('are routed by path and by host', async () => {
    expect(await version()).toBe('w1');
    expect(await version('api.example.com')).toBe('a1');
    const admin = await stack.get('/admin/users');
    expect(admin.status).toBe(404);
    expect(JSON.parse(admin.text)).toEqual({ error: 'not found', path: '/admin/users' });
  });

  test('a worker without a port runs beside them', async () => {
    const info = await stack.replica('worker');
    expect(info.State.Running).toBe(true);
    expect(info.NetworkSettings.Ports).toEqual({});
  });

  test('change one by one: the others keep their containers', async () => {
    const idsOf = async () =>
      (await stack.containers()).filter((info) => labelOf(info, 'service') !== 'api').map(({ Id }) => Id);
    const before = await idsOf();
    await stack.edit(({ services }) => Object.assign(services.api as object, { version: 'a2' }));
    await stack.until('a2 answers', async () => (await version('api.example.com')) === 'a2');
    await stack.settled();
    await stack.left(1, 'api');
    expect(await idsOf()).toEqual(before);
  });

  test('a worker changes its version', async () => {
    await stack.edit(({ services }) => Object.assign(services.worker as object, { version: 'k2' }));
    await stack.settled();
    await stack.left(1, 'worker');
    expect(labelOf(await stack.replica('worker'), 'version')).toBe('k2');
  });

  test('one that leaves the manifest leaves the engine', async () => {
    await stack.edit(({ services }) => {
      delete services.admin;
    });
    await stack.left(0, 'admin');
    await stack.settled();
    expect(await version()).toBe('w1');
    expect(JSON.parse((await stack.get('/admin/users')).text)).toMatchObject({ path: '/admin/users' });
  });
});
