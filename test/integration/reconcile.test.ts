/** `swiftdeploy reconcile` as a person types it: the controller looks at once, or it is said why nobody does. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';
import { until } from '../support/until.js';

const stack = new Stack();
const cli = new CommandLine(stack.dir);

function requests(): Promise<readonly string[]> {
  return readdir(join(stack.dir, '.swiftdeploy', 'reconcile')).catch(() => []);
}

beforeAll(() => stack.prepare());
afterAll(() => stack.dispose());

test('without a controller it says what to do instead, and leaves nothing behind', async () => {
  const { code, stderr } = await cli.run('reconcile');
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^(✖ )?no controller runs for stack .+: "swiftdeploy deploy"/m),
  ]);
  expect(await requests()).toEqual([]);
});

test('several at once are answered with what the controller has found', async () => {
  stack.startController();
  await stack.settled();
  const all = await Promise.all([cli.run('reconcile'), cli.run('reconcile')]);
  for (const { code, stderr } of all) {
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining(`the controller of stack ${stack.name} has looked`),
    ]);
    expect(stderr).toContain('Ready is True');
    expect(stderr).not.toContain('SourceReady');
  }
  expect(await requests()).toEqual([]);
});

test('gives up when the controller does not answer, and takes its request back', async () => {
  await stack.frozen(async () => {
    const { code, stderr } = await cli.run('reconcile', '--timeout', '3s');
    expect([code, stderr]).toEqual([1, expect.stringContaining('has not looked within 3 s')]);
  });
  expect(await requests()).toEqual([]);
});

test('wait says so too, when its time is up', async () => {
  await stack.frozen(async () => {
    const { code, stderr } = await cli.run('wait', '--for=condition=Ready=False', '--timeout', '1s');
    expect([code, stderr]).toEqual([1, expect.stringContaining('which does not answer (is it stopped?)')]);
  });
});

test('says that the controller ended, when it did', async () => {
  stack.controller?.child.kill('SIGSTOP');
  const { ended } = cli.start('reconcile');
  await until('it has asked', async () => (await requests()).length === 1);
  await stack.kill9();
  const { code, stderr } = await ended;
  expect([code, stderr]).toEqual([1, expect.stringContaining('ended before it looked')]);
  expect(await requests()).toEqual([]);
});

test('Ctrl-C takes the request back', async () => {
  stack.startController();
  await stack.settled();
  await stack.frozen(async () => {
    const { child, ended } = cli.start('reconcile');
    await until('it has asked', async () => (await requests()).length === 1);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
  });
  expect(await requests()).toEqual([]);
});
