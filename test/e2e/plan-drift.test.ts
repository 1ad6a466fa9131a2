/** What `plan` says of drift is what `run` then heals, on the real engine: the same steps on the same targets, in the same stages. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  disconnect,
  duplicate,
  editProxy,
  hang,
  recreate,
  removeEverything,
  removeNetwork,
} from '../support/damage.js';
import { docker, remove } from '../support/engine.js';
import { WORKLOAD, workload } from '../support/manifest.js';
import { kindsOf, PlanAndRun } from '../support/plan-and-run.js';
import { Stack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';
import { until } from '../support/until.js';

const DEADLINE_MS = 6000;
const MEMORY = { Memory: 256 * 1024 * 1024, MemorySwap: 256 * 1024 * 1024 };

describe('what plan prints of drift is what run heals', () => {
  const services = workload({ name: 'app', resources: { memory: '128m' }, env: { KEY: 'as-applied' } });
  const stack = new Stack({ services });
  const both = new PlanAndRun(new CommandLine(stack.dir));
  const replica = async () => docker.getContainer((await stack.replica()).Id);
  const part = async (role: 'proxy' | 'policy') => docker.getContainer((await stack.part(role)).Id);
  /** Up for longer than it may take to start: what is wrong with it from now on is no start. */
  const grownUp = () =>
    until('the replica is older than its deadline', async () => {
      const info = await stack.replica();
      return Date.now() - Date.parse(info.State.StartedAt) > DEADLINE_MS ? info : undefined;
    });

  beforeAll(async () => {
    await stack.prepare();
    await stack.set({ volumes: [`${stack.name}-data:/data`] });
    await both.run();
  });
  afterAll(() => stack.dispose());

  test.each<[what: string, damage: () => Promise<unknown>, kinds: readonly string[]]>([
    ['a replica without its network', async () => disconnect(stack, await stack.replica()), ['disconnected']],
    [
      'a replica without its network, up for longer than its deadline',
      async () => disconnect(stack, await grownUp()),
      ['disconnected'],
    ],
    ['a replica that hangs', async () => hang(await grownUp()), ['unhealthy']],
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
    ['a paused proxy', async () => (await part('proxy')).pause(), ['paused']],
    ['a paused policy engine', async () => (await part('policy')).pause(), ['paused']],
    ['no policy engine', async () => remove((await stack.part('policy')).Id), ['removed']],
  ])('%s', async (_what, damage, kinds) => {
    await damage();
    const plan = await both.expectPlanned();
    expect(plan.drift.map(({ kind }) => kind)).toEqual(kinds);
    expect(kindsOf(plan)).not.toEqual([]);
  });

  test('a replica that hangs, and may take longer to answer than a plan takes', async () => {
    await stack.set({ health: { interval: '200ms', timeout: '3s', deadline: '6s' } });
    await both.run();
    await hang(await grownUp());
    const plan = await both.expectPlanned();
    expect(plan.drift.map(({ kind }) => kind)).toEqual(['unhealthy']);
  });

  test('no network of the policy engine', async () => {
    await removeNetwork(stack, `${stack.name}-policy`);
    const plan = await both.expectPlanned();
    expect(kindsOf(plan)).toContain('createNetwork');
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

describe('an image tag that moved', () => {
  const stack = new Stack();
  const both = new PlanAndRun(new CommandLine(stack.dir));
  const image = `${stack.name}:latest`;
  const tag = (source: string) => docker.getImage(source).tag({ repo: stack.name, tag: 'latest' });

  afterAll(async () => {
    await stack.dispose();
    await docker
      .getImage(image)
      .remove({ force: true })
      .catch(() => undefined);
  });

  test('is told, and neither plans nor changes anything', async () => {
    await stack.prepare();
    await tag(WORKLOAD);
    await stack.set({ image });
    await both.run();
    const { Id } = await stack.replica();
    await tag('nginx:latest');
    const plan = await both.expectPlanned();
    expect(plan).toMatchObject({ changes: false, stages: [] });
    expect(plan.findings.map(({ message }) => message).join()).toMatch(/is another image now/);
    expect((await stack.replica()).Id).toBe(Id);
  });
});
