/** A version is made of the build of its image that it serves with, wherever its tag points by now. */
import { describe, expect, test } from 'vitest';
import type { StepGate } from '../../../src/reconcilers/plan/steps.js';
import { EMPTY_MEMORY } from '../../../src/reconcilers/plan/memory.js';
import { ModelLoop, type Tick } from '../../support/model/model-loop.js';
import { service, stack, version, type ServiceChange } from '../../support/model/stacks.js';

const [OWN, OTHER] = ['sha256:app1', 'sha256:moved'];

function settled(change: ServiceChange = {}): ModelLoop {
  const loop = new ModelLoop(stack([service(change)]));
  loop.settle();
  return loop;
}

/** `app:1` is another image from now on; its program is another one, too. */
function move({ world }: ModelLoop): void {
  const image = world.images.get('app:1');
  if (image === undefined) throw new Error('app:1 is not there');
  const moved = { ...image, id: OTHER, command: ['other'], env: { OTHER: '1' } };
  world.registry.set('app:1', moved);
  world.images.set('app:1', moved);
}

function replicas({ world }: ModelLoop) {
  return world.containers.filter(({ role }) => role === 'service');
}

function builds(loop: ModelLoop): readonly string[] {
  return replicas(loop).map(({ config }) => config.imageId);
}

function lose(loop: ModelLoop): void {
  for (const { id } of replicas(loop)) loop.world.remove(id);
}

/** About replicas that are made: the question, and whether that is told as drift. */
function asked(ticks: readonly Tick[]): readonly string[] {
  return ticks
    .flatMap(({ results }) => results.filter(({ kind }) => kind === 'done').map(({ step }) => step))
    .filter(({ kind, gate }) => kind === 'createContainer' && gate?.service !== undefined)
    .map(({ gate, drift }) => `${gate?.question ?? ''} ${drift ?? ''}`.trim());
}

function told(loop: ModelLoop): readonly string[] {
  return loop.plan().findings.map(({ message }) => message);
}

const MOVED = 'app:1 is another image now; app keeps the one it was made of (pull: always would replace it)';

describe('the tag of a version that serves was moved', () => {
  test('its only replica that is lost is made again of its own build', () => {
    const loop = settled();
    move(loop);
    lose(loop);
    expect(asked(loop.settle())).toEqual(['heal removed']);
    expect(replicas(loop).map(({ config }) => config)).toMatchObject([{ imageId: OWN, command: ['serve'] }]);
    expect(told(loop)).toEqual([MOVED]);
  });

  test.each([
    ['half removed', { state: 'removing' as const }],
    ['spoiled', { config: { privileged: true } }],
    ['given a limit', { config: { memoryBytes: 5_000_000 } }],
  ])('a replica that is %s is healed with its own build', (_, change) => {
    const loop = settled({ replicas: 2 });
    move(loop);
    const [spoiled] = replicas(loop);
    if (spoiled === undefined) throw new Error('no replica');
    const config = { ...spoiled.config, ...('config' in change ? change.config : {}) };
    loop.world.change(spoiled.id, { ...change, config });
    expect(asked(loop.settle())).toMatchObject([/^heal /]);
    expect(builds(loop)).toEqual([OWN, OWN]);
  });

  test('more replicas are of the build that serves', () => {
    const loop = settled();
    move(loop);
    loop.stack = stack([service({ replicas: 3 })]);
    loop.settle();
    expect(builds(loop)).toEqual([OWN, OWN, OWN]);
    expect(told(loop)).toEqual([MOVED]);
  });

  test('a canary is promoted with the build that was judged', () => {
    const loop = settled();
    loop.stack = stack([version('2.0.0', { mode: 'canary' })]);
    loop.settle();
    move(loop);
    loop.stack = stack([version('2.0.0')]);
    loop.settle();
    expect(builds(loop)).toEqual([OWN]);
  });

  test('another version is made of what the tag says', () => {
    const loop = settled();
    move(loop);
    loop.stack = stack([version('2.0.0')]);
    loop.settle();
    expect(builds(loop)).toEqual([OTHER]);
    expect(told(loop)).toEqual([]);
  });

  test('the version of before is made of what the tag says when it comes again', () => {
    const loop = settled();
    loop.stack = stack([version('2.0.0')]);
    loop.settle();
    move(loop);
    loop.stack = stack([service()]);
    loop.settle();
    expect(builds(loop)).toEqual([OTHER]);
  });

  test('where the notes are lost, what stands tells', () => {
    const loop = settled({ replicas: 2 });
    move(loop);
    loop.memory = EMPTY_MEMORY;
    const [lost] = replicas(loop);
    loop.world.remove(lost?.id ?? '');
    loop.settle();
    expect(builds(loop)).toEqual([OWN, OWN]);
  });

  test('with pull: always everything is of what the tag says', () => {
    const loop = settled({ pull: 'always', replicas: 2 });
    move(loop);
    lose(loop);
    loop.settle();
    expect(builds(loop)).toEqual([OTHER, OTHER]);
    expect(told(loop)).toEqual([]);
  });

  test('and moved back: nothing is to be done, though replicas were made meanwhile', () => {
    const loop = settled();
    const own = loop.world.images.get('app:1');
    move(loop);
    lose(loop);
    loop.settle();
    if (own !== undefined) loop.world.images.set('app:1', own);
    expect(loop.plan().chains).toEqual([]);
    expect(told(loop)).toEqual([]);
  });
});

describe('the build that a version served with is not on the engine any more', () => {
  const denied = ({ question }: StepGate) => question !== 'replace';
  const LOST = `${OWN}, which app 1.0.0 served with, is not on the engine any more; what is made anew is of app:1 as it is now, ${OTHER}`;

  function lost(): ModelLoop {
    const loop = settled();
    move(loop);
    lose(loop);
    loop.world.builds.delete(OWN);
    return loop;
  }

  test('what is made of the other one is a replacement, told with both', () => {
    const loop = lost();
    expect(told(loop)).toEqual([LOST]);
    const ticks = loop.settle();
    expect(asked(ticks)).toEqual(['replace']);
    const made = ticks
      .flatMap(({ plan }) => plan.chains.flat())
      .find(({ kind }) => kind === 'createContainer');
    expect(made).toMatchObject({ cause: LOST });
    expect(builds(loop)).toEqual([OTHER]);
    expect(told(loop)).toEqual([]);
  });

  test('where that is denied, nothing is made', () => {
    const loop = lost();
    loop.allow = denied;
    loop.rest();
    expect(builds(loop)).toEqual([]);
    expect(told(loop)).toEqual([LOST]);
  });

  test('and nothing else is there: it is said, and it is healed once its own is back', () => {
    const loop = settled();
    loop.stack = stack([service({ pull: 'never' })]);
    const own = loop.world.images.get('app:1');
    lose(loop);
    loop.world.images.delete('app:1');
    loop.world.builds.delete(OWN);
    expect(told(loop)).toEqual(['image app:1 is not on the engine and pull is never: build or load it']);
    if (own !== undefined) loop.world.images.set('app:1', own);
    expect(asked(loop.settle())).toEqual(['heal removed']);
  });
});

describe('the name of an image is gone, and the image is there', () => {
  const GONE = `app:1 is not on the engine any more; app keeps the image that it was made of, ${OWN}: build or pull app:1 again`;

  test('it is told, and what is lost is made of it by its id', () => {
    const loop = settled({ replicas: 2 });
    loop.world.images.delete('app:1');
    expect(told(loop)).toEqual([GONE]);
    expect(loop.plan().chains).toEqual([]);
    lose(loop);
    expect(told(loop)).toEqual([GONE]);
    expect(asked(loop.settle())).toEqual(['heal removed', 'heal removed']);
    expect(builds(loop)).toEqual([OWN, OWN]);
    expect(told(loop)).toEqual([GONE]);
  });
});
