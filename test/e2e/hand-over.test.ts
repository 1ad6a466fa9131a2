/** Services that take each other's places: whoever is at a host and path answers there until who takes it over can. */
import { afterEach, describe, expect, test } from 'vitest';
import { remove } from '../support/engine.js';
import { Load } from '../support/load.js';
import { workload } from '../support/manifest.js';
import { PlanAndRun } from '../support/plan-and-run.js';
import { useStack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';

const BACK = 'back.example.com';
const FRONT_PLACE = { path: '/' };
const BACK_PLACE = { host: BACK, path: '/' };
/** Nobody answers there. */
const SICK = { health: { path: '/nowhere', interval: '200ms', timeout: '1s', deadline: '4s' } };

/** The version says which program it is. */
const program = (version: string, route: object, more: object = {}) => workload({ version, route, ...more });

describe('places', () => {
  const stack = useStack({
    services: { one: program('front', FRONT_PLACE), two: program('back', BACK_PLACE) },
  });
  afterEach(() => stack.check());

  const atBack = async () => (await stack.get('/', { host: BACK })).text;

  test('swapped names: each place keeps its program, without a failed request', async () => {
    const load = new Load(`http://127.0.0.1:${String(stack.port)}/`, { gets: 4, posts: 1 });
    const seq = await stack.lastSeq();
    await stack.edit((manifest) => {
      manifest.services = { one: program('back', BACK_PLACE), two: program('front', FRONT_PLACE) };
    });
    await stack.event(seq, 'deploy', { service: 'two', version: 'front' });
    await stack.settled();
    await stack.left(1, 'one');
    await load.stop();
    expect(load.failures).toEqual([]);
    expect([...load.versions.keys()]).toEqual(['front']);
    expect(await atBack()).toContain('"version":"back"');
  });

  test('a route that comes with a sick version: nothing moves', async () => {
    await stack.edit((manifest) => {
      manifest.services.two = program('sick', { path: '/new' }, SICK);
    });
    await stack.condition('Stalled', 'True', 'RolloutFailed');
    expect(await stack.servedVersion()).toBe('front');
    expect(await stack.servedVersion('/new')).not.toBe('sick');
    await stack.edit((manifest) => {
      manifest.services.two = program('front', FRONT_PLACE);
    });
    await stack.settled();
  });

  test('a new name with a sick version: the old one answers, is shown, and is healed', async () => {
    await stack.edit((manifest) => {
      manifest.services = { one: program('back', BACK_PLACE), other: program('sick', FRONT_PLACE, SICK) };
    });
    await stack.condition('Stalled', 'True', 'RolloutFailed');
    const { Id } = await stack.replica('two');
    const seq = await stack.lastSeq();
    await remove(Id);
    await stack.event(seq, 'drift_healed');
    await stack.serves('front');
    expect((await stack.status())?.services?.map(({ name }) => name)).toEqual(['one', 'other', 'two']);
    await stack.edit((manifest) => {
      manifest.services.other = program('front', FRONT_PLACE);
    });
    await stack.settled();
    await stack.left(0, 'two');
    expect(await stack.servedVersion()).toBe('front');
  });

  test.each([
    ['swapped names', { one: program('front', FRONT_PLACE), other: program('back', BACK_PLACE) }],
    ['a new name', { another: program('front', FRONT_PLACE), other: program('back', BACK_PLACE) }],
  ])('%s: run does what plan prints', async (_what, services) => {
    await stack.stop();
    await stack.edit((manifest) => {
      manifest.services = services;
    });
    expect(await new PlanAndRun(new CommandLine(stack.dir)).expectPlanned()).toMatchObject({ changes: true });
    expect([await stack.servedVersion(), await atBack()]).toEqual([
      'front',
      expect.stringContaining('"version":"back"'),
    ]);
  });
});
