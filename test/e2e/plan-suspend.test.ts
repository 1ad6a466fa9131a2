/** What `plan` prints is what `run` then does, while a service is suspended; what it holds back is what is done at the end of that. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labelOf } from '../support/engine.js';
import { workload } from '../support/manifest.js';
import { expectSteps, PlanAndRun } from '../support/plan-and-run.js';
import { Stack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';

describe('what plan prints is what run does, while a service is suspended', () => {
  const services = {
    app: workload({ route: { path: '/' }, drain: '0s' }),
    web: workload({ route: { path: '/web' }, drain: '0s' }),
  };
  const stack = new Stack({ services });
  const cli = new CommandLine(stack.dir);
  const both = new PlanAndRun(cli);

  beforeAll(async () => {
    await stack.prepare();
    await both.run();
  });
  afterAll(() => stack.dispose());

  async function versions(): Promise<readonly unknown[]> {
    const replicas = [await stack.replica('app'), await stack.replica('web')];
    return replicas.map((replica) => labelOf(replica, 'version'));
  }

  test('the steps of the others are taken, its own are held back', async () => {
    await cli.succeed('suspend', 'app', '--why', 'its data is moved');
    await stack.edit((manifest) => {
      Object.assign(services.app, { version: '2' });
      Object.assign(services.web, { version: '2' });
      manifest.services = services;
    });
    const plan = await both.planned();
    expect(plan).toMatchObject({ changes: true, end: 'held', held: { services: ['app'] } });
    expectSteps(plan, await both.run(1));
    expect(await versions()).toEqual(['1', '2']);
  });

  test('then nothing is taken, which is no change', async () => {
    expect(await both.planned('--exit-code')).toMatchObject({ changes: false, stages: [], end: 'held' });
    expect(await both.run(1)).toEqual([]);
    expect(await versions()).toEqual(['1', '2']);
  });

  test('after its end: what was held back', async () => {
    const { held } = await both.planned();
    await cli.succeed('resume');
    const plan = await both.expectPlanned();
    expect(plan).not.toHaveProperty('held');
    expect(plan.stages).toEqual(held?.stages);
    expect(await versions()).toEqual(['2', '2']);
  });
});
