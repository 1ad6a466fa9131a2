/** `rollout` steers a canary by editing the manifest, with a controller that runs beside it. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { writeIn } from '../support/engine.js';
import { NODE, workload } from '../support/manifest.js';
import { useStack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';

describe('rollout', () => {
  const stack = useStack();

  test('resumes, pauses and aborts a canary, and tells of it', async () => {
    const cli = new CommandLine(stack.dir);
    const rollout = async () => (await stack.status())?.services[0]?.rollout;
    const manifest = () => readFile(stack.manifestPath, 'utf8');

    const refused = await cli.run('rollout', 'pause');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      'app has no canary: its mode is stable. Nothing was changed.\n',
    ]);

    const steps = [{ pause: true }, { weight: 40, hold: '1h' }, { weight: 80, hold: '1h' }];
    await stack.set({ mode: 'canary', version: '2', canary: { steps, header: 'X-Canary' } });
    await stack.condition('Promoted', 'False', 'Paused');
    await stack.waitFor('the pause has begun', () => rollout().then((it) => it?.since));
    const told = await cli.succeed('rollout', 'status');
    expect(told.stdout).toContain('step      1 of 3, 0 % of the requests');
    expect(told.stdout).toContain('it waits for a person: swiftdeploy rollout resume');

    const waiting = await manifest();
    await cli.succeed('rollout', 'resume');
    expect(await manifest()).toBe(waiting.replace('pause: true', 'pause: false'));
    await stack.waitFor('40 % are served', () => rollout().then((it) => it?.weight === 40 && it.since));

    await cli.succeed('rollout', 'pause');
    expect(await rollout()).toMatchObject({ step: 2, steps: 4, weight: 40, paused: false });
    expect(await manifest()).toMatch(/hold: 1h\n +- pause: true\n +- weight: 80/);

    await cli.succeed('rollout', 'abort');
    await stack.serves('1');
    expect(await manifest()).toMatch(/mode: stable\n/);
    await stack.until('the canary is over', async () => (await rollout()) === undefined);
    const history = await cli.succeed('rollout', 'history', '-o', 'json');
    const { rollouts } = JSON.parse(history.stdout) as { rollouts: { steps: { items: object[] } }[] };
    expect(rollouts).toMatchObject([{ service: 'app', version: '2', outcome: 'aborted' }]);
    expect(rollouts[0]?.steps.items).toMatchObject([
      { weight: 0, paused: true },
      { weight: 40, paused: false },
    ]);
  });
});

/** The first version always answers, a later one only once somebody has put a file where it looks. */
const NEEDS_A_FILE = `
  const { existsSync } = require('node:fs');
  const version = process.env.APP_VERSION;
  require('node:http').createServer((request, response) => {
    response.statusCode = version === '1' || existsSync('/data/there') ? 200 : 500;
    response.end(JSON.stringify({ version }));
  }).listen(3000);`;

describe('rollout retry', () => {
  const volume = `swd-e2e-retry-${String(process.pid)}`;
  const stack = useStack({
    services: workload({
      name: 'app',
      image: NODE,
      command: ['node', '-e', NEEDS_A_FILE],
      volumes: [`${volume}:/data`],
    }),
  });

  test('tries the version again that failed, when what it lacked is there', async () => {
    const cli = new CommandLine(stack.dir);
    const refused = await cli.run('rollout', 'retry');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('nothing to retry')]);

    await stack.set({ version: '2' });
    await stack.condition('Stalled', 'True', 'RolloutFailed');
    expect(await stack.servedVersion()).toBe('1');
    const serving = (await stack.replicas()).find(({ State }) => State.Running);
    await writeIn(serving?.Id ?? '', '/data/there', '');
    expect(await stack.servedVersion()).toBe('1');

    const retried = await cli.run('rollout', 'retry');
    expect([retried.code, retried.stderr]).toEqual([0, expect.stringContaining('app is tried again')]);
    expect(await stack.servedVersion()).toBe('2');
    await stack.settled();
    await stack.left(1);
  });
});
