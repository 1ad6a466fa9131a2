/** What `plan` says of drift is what `run` then heals, on the real engine: the same steps on the same targets, in the same stages. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  disconnect,
  duplicate,
  editProxy,
  recreate,
  removeEverything,
  removeNetwork,
} from '../support/damage.js';
import { docker, remove } from '../support/engine.js';
import { workload } from '../support/manifest.js';
import { kindsOf, PlanAndRun } from '../support/plan-and-run.js';
import { Stack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';

const MEMORY = { Memory: 256 * 1024 * 1024, MemorySwap: 256 * 1024 * 1024 };

describe('what plan prints of drift is what run heals', () => {
  const services = workload({ name: 'app', resources: { memory: '128m' }, env: { KEY: 'as-applied' } });
  const stack = new Stack({ services });
  const both = new PlanAndRun(new CommandLine(stack.dir));
  const replica = async () => docker.getContainer((await stack.replica()).Id);
  const policy = async () => docker.getContainer((await stack.part('policy')).Id);

  beforeAll(async () => {
    await stack.prepare();
    await stack.set({ volumes: [`${stack.name}-data:/data`] });
    await both.run();
  });
  afterAll(() => stack.dispose());

  test.each<[what: string, damage: () => Promise<unknown>, kinds: readonly string[]]>([
    ['a replica without its network', async () => disconnect(stack, await stack.replica()), ['disconnected']],
    [
      'a proxy without its network',
      async () => disconnect(stack, await stack.part('proxy')),
      ['disconnected'],
    ],
    [
      'a replica with another environment',
      async () => recreate(await stack.replica(), { env: ['KEY=by-hand'] }),
      ['changed'],
    ],
    [
      'a replica with another label',
      async () => recreate(await stack.replica(), { labels: { 'swiftdeploy.version': '99' } }),
      ['changed'],
    ],
    ['a replica with other limits', async () => (await replica()).update(MEMORY), ['resources']],
    ['a second replica in the place of one', () => duplicate(stack), ['duplicate']],
    ['a proxy whose configuration was edited', () => editProxy(stack), ['proxy-config']],
    ['a paused policy engine', async () => (await policy()).pause(), ['paused']],
    ['no policy engine', async () => remove((await stack.part('policy')).Id), ['removed']],
  ])('%s', async (_what, damage, kinds) => {
    await damage();
    const plan = await both.expectPlanned();
    expect(plan.drift.map(({ kind }) => kind)).toEqual(kinds);
    expect(kindsOf(plan)).not.toEqual([]);
  });

  test('no network', async () => {
    await removeNetwork(stack);
    const plan = await both.expectPlanned();
    expect(kindsOf(plan)).toContain('createNetwork');
  });

  test('no volume', async () => {
    await remove((await stack.replica()).Id);
    await docker.getVolume(`${stack.name}-data`).remove();
    const plan = await both.expectPlanned();
    expect(kindsOf(plan)).toContain('createVolume');
  });

  test('nothing of it at all', async () => {
    await removeEverything(stack);
    const plan = await both.expectPlanned();
    expect(kindsOf(plan).filter((kind) => kind === 'createContainer')).toHaveLength(3);
  });
});
