import { describe, expect, test } from 'vitest';
import { shares } from '../../support/model/describe.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

function settled(): ModelLoop {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  return loop;
}

/** `service version` at each path, as the proxy serves it. */
function places({ world, stack: wanted }: ModelLoop): Readonly<Record<string, string>> {
  const { containers, proxy } = world.observe(wanted);
  const versionOf = (address: string) => containers.find(({ id }) => id.startsWith(address))?.version ?? '?';
  const routes = (proxy.model?.routes ?? []).map(({ service: name, path, tracks }) => {
    const servers = tracks.filter(({ weight }) => weight > 0).flatMap((track) => track.servers);
    const versions = [...new Set(servers.map(({ address }) => versionOf(address)))];
    return [path, versions.length === 0 ? 'nobody' : `${name} ${versions.join('+')}`] as const;
  });
  return Object.fromEntries(routes);
}

/** What each path was answered by, in the order seen, once each, until nothing is on its way. */
function answered(loop: ModelLoop): readonly Readonly<Record<string, string>>[] {
  const seen = new Map<string, Readonly<Record<string, string>>>();
  for (let tick = 0; tick < 400; tick += 1) {
    loop.tick();
    seen.set(JSON.stringify(places(loop)), places(loop));
  }
  return [...seen.values()];
}

/** Ticks until nothing is on its way; what was served at the end of each. */
function served(loop: ModelLoop): readonly string[] {
  const seen: string[] = [];
  for (let tick = 0; tick < 400; tick += 1) {
    loop.tick();
    seen.push(shares(loop).join());
  }
  return seen;
}

describe('a service that is renamed', () => {
  test('answers until the new one can, and leaves', () => {
    const loop = settled();
    loop.stack = stack([version('2.0.0', { name: 'web' })]);
    const seen = served(loop);
    expect([...new Set(seen)]).toEqual(['stable 1.0.0 100', 'stable 2.0.0 100']);
    expect(loop.plan().converged).toBe(true);
    expect(loop.world.containers.filter(({ service: name }) => name === 'app')).toEqual([]);
  });

  test('answers on when the new one never can', () => {
    const loop = settled();
    loop.stack = stack([version('3.0.0-sick', { name: 'web' })]);
    expect([...new Set(served(loop))]).toEqual(['stable 1.0.0 100']);
    loop.stack = stack([service()]);
    loop.settle();
    expect(shares(loop)).toEqual(['stable 1.0.0 100']);
  });

  test('is let go of where the new one is somewhere else', () => {
    const loop = settled();
    loop.stack = stack([version('2.0.0', { name: 'web', route: { path: '/web' } })]);
    loop.settle();
    expect(shares(loop)).toEqual(['stable 2.0.0 100']);
  });
});

describe('a service that answers for a successor which never can', () => {
  test.each(['end', 'remove'] as const)('is healed, and told of: %s', (harm) => {
    const loop = settled();
    loop.stack = stack([version('3.0.0-sick', { name: 'web' })]);
    served(loop);
    const [old] = loop.world.containers.filter(({ service: name }) => name === 'app');
    loop.world[harm](old?.id ?? '');
    served(loop);
    expect(places(loop)).toEqual({ '/': 'app 1.0.0' });
    expect(loop.plan().services.map(({ spec, converged }) => [spec.name, converged])).toEqual([
      ['web', false],
      ['app', true],
    ]);
  });

  test('goes with the proxy, and comes back with it', () => {
    const loop = settled();
    loop.stack = stack([version('3.0.0-sick', { name: 'web' })]);
    served(loop);
    loop.world.remove('shop-proxy');
    served(loop);
    expect(places(loop)).toEqual({ '/': 'app 1.0.0' });
  });
});

const TWO = [
  version('a', { name: 'a', route: { path: '/' } }),
  version('b', { name: 'b', route: { path: '/b' } }),
];

/** Each where the other was, of these versions. */
function swapped(a: string, b: string) {
  return [version(a, { name: 'a', route: { path: '/b' } }), version(b, { name: 'b', route: { path: '/' } })];
}

function two(): ModelLoop {
  const loop = new ModelLoop(stack(TWO));
  loop.settle();
  return loop;
}

describe('services that change their places', () => {
  test('with nothing else: at once, both in one', () => {
    const loop = two();
    loop.stack = stack(swapped('a', 'b'));
    expect(answered(loop)).toEqual([{ '/b': 'a a', '/': 'b b' }]);
    expect(loop.plan().converged).toBe(true);
  });

  test('with their programs, as under swapped names: each place keeps its program', () => {
    const loop = two();
    loop.stack = stack(swapped('b', 'a'));
    expect(answered(loop)).toEqual([
      { '/': 'a a', '/b': 'b b' },
      { '/b': 'a b', '/': 'b a' },
    ]);
    expect(loop.plan().converged).toBe(true);
  });

  test('with their programs, of which one is sick: everybody is answered as before', () => {
    const loop = two();
    loop.stack = stack(swapped('b-sick', 'a'));
    expect(answered(loop)).toEqual([{ '/': 'a a', '/b': 'b b' }]);
    expect(loop.plan().services.map(({ spec, waitsForPlace }) => [spec.name, waitsForPlace])).toEqual([
      ['a', undefined],
      ['b', true],
    ]);
  });

  test('with a version: together with it', () => {
    const loop = settled();
    loop.stack = stack([version('2.0.0', { route: { path: '/new' } })]);
    expect(answered(loop)).toEqual([{ '/': 'app 1.0.0' }, { '/new': 'app 2.0.0' }]);
    expect(loop.plan().converged).toBe(true);
  });

  test('with a version that is sick: not at all', () => {
    const loop = settled();
    loop.stack = stack([version('2.0.0-sick', { route: { path: '/new' } })]);
    expect(answered(loop)).toEqual([{ '/': 'app 1.0.0' }]);
  });

  test('leave when who comes to theirs can answer', () => {
    const loop = settled();
    loop.stack = stack([
      version('1.0.0', { route: { path: '/old' } }),
      version('2.0.0', { name: 'web', route: { path: '/' } }),
    ]);
    expect(answered(loop)).toEqual([{ '/': 'app 1.0.0' }, { '/old': 'app 1.0.0', '/': 'web 2.0.0' }]);
    expect(loop.plan().converged).toBe(true);
  });

  test('first requests of a version that come with its place are asked for', () => {
    const loop = settled();
    loop.stack = stack([version('2.0.0', { name: 'web' })]);
    loop.allow = (gate, step) => step.kind !== 'configureProxy' || gate.question !== 'replace';
    expect(answered(loop)).toEqual([{ '/': 'app 1.0.0' }]);
  });
});

test('a version whose replicas are just being stopped gets nobody, though the manifest has it again', () => {
  const loop = settled();
  loop.stack = stack([version('2.0.0')]);
  const before = loop.world.containers.filter(({ service: name }) => name === 'app');
  while (shares(loop).join() !== 'stable 2.0.0 100') loop.tick();
  loop.stack = stack([service()]);
  loop.busy = new Set(before.map(({ name }) => name));
  expect(new Set(served(loop))).toEqual(new Set(['stable 2.0.0 100']));
  loop.busy = new Set();
  loop.settle();
  expect(shares(loop)).toEqual(['stable 1.0.0 100']);
});
