/** Policies that forbid what is new and allow what heals: an edit of the manifest is the one, a lost replica the other. */
import { expect, test } from 'vitest';
import type { ServiceSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import type { StepGate } from '../../../src/reconcilers/plan/steps.js';
import { shares } from '../../support/model/describe.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

function settled(...specs: readonly ServiceSpec[]): ModelLoop {
  const loop = new ModelLoop(stack(specs.slice(0, 1)));
  for (const spec of specs) {
    loop.stack = stack([spec]);
    loop.settle();
  }
  return loop;
}

function frozen({ question }: StepGate): boolean {
  return ['heal', 'remove', 'rollback'].includes(question);
}

function edit(loop: ModelLoop, spec: ServiceSpec): void {
  loop.stack = stack([spec]);
  loop.rest();
}

function lose({ world }: ModelLoop, lost: number): void {
  for (const { role, replica, id } of world.containers)
    if (role === 'service' && replica === lost) world.remove(id);
}

function numbers({ world }: ModelLoop): readonly number[] {
  return world.containers.flatMap(({ role, replica }) => (role === 'service' ? [replica ?? 0] : [])).sort();
}

const HELD = { steps: [{ kind: 'share', weight: 50, holdMs: 600_000 }], replicas: 1 } as const;
const BLOCK = { ...HELD, sticky: 'off', warmupMs: 0, deadlineMs: 60_000 } as const;

test('no replica comes by an edit, and the one that is lost comes back', () => {
  const loop = settled(service());
  loop.allow = frozen;
  edit(loop, service({ replicas: 2 }));
  expect(numbers(loop)).toEqual([1]);
  lose(loop, 1);
  loop.rest();
  expect(shares(loop)).toEqual(['stable 1.0.0 100']);
});

test('no replica goes by an edit', () => {
  const loop = settled(service({ replicas: 3 }));
  loop.allow = frozen;
  edit(loop, service({ replicas: 1 }));
  expect(shares(loop)).toEqual(['stable 1.0.0+1.0.0+1.0.0 100']);
});

test('that begin in the middle of an edit keep a new replica from users, and let a lost one back to them', () => {
  const loop = settled(service());
  loop.allow = ({ question }, { kind }) => question !== 'replace' || kind !== 'shiftTraffic';
  edit(loop, service({ replicas: 2 }));
  expect(numbers(loop)).toEqual([1, 2]);
  expect(shares(loop)).toEqual(['stable 1.0.0 100']);
  loop.allow = frozen;
  lose(loop, 1);
  loop.rest();
  expect(shares(loop)).toEqual(['stable 1.0.0+1.0.0 100']);
});

test('a replica of stable that came beside a canary is healed like any other', () => {
  const canary = version('2.0.0', { mode: 'canary', canary: BLOCK });
  const loop = settled(service(), canary, { ...canary, replicas: 2 });
  loop.allow = frozen;
  lose(loop, 2);
  loop.rest();
  expect(shares(loop)).toEqual(['stable 1.0.0+1.0.0 50', 'canary 2.0.0 50']);
});

test('who gets the canary is not changed by an edit', () => {
  const canary = version('2.0.0', { mode: 'canary', canary: BLOCK });
  const loop = settled(service(), canary);
  loop.allow = frozen;
  edit(loop, { ...canary, canary: { ...BLOCK, sticky: 'cookie' } });
  expect(loop.world.observe(loop.stack).proxy.model?.routes[0]?.split?.sticky).toBe('off');
});

test('a replica that came by an edit before is healed', () => {
  const loop = settled(service(), service({ replicas: 2 }));
  loop.allow = frozen;
  lose(loop, 2);
  loop.rest();
  expect(shares(loop)).toEqual(['stable 1.0.0+1.0.0 100']);
});

/** What is denied of the proxy stays denied, however the proxy is lost. */
function proxyOf({ world, stack: { services } }: ModelLoop) {
  const { proxy, containers } = world.observe(stack(services));
  const { config } = containers.find(({ role }) => role === 'proxy') ?? {};
  return {
    timeout: proxy.model?.timeoutSeconds,
    places: proxy.model?.routes.map(({ service: name, path }) => `${name} ${path}`),
    image: config?.image,
    port: config?.publish[0]?.host,
  };
}

const ONE_PLACE = { timeout: 30, places: ['app /'], image: 'nginx:1', port: 8080 };
const EDITED_PROXY = {
  image: 'nginx:2',
  pull: 'missing',
  port: 9090,
  timeoutSeconds: 5,
  aliases: [],
} as const;

test.each(['removed', 'ended', 'hung', 'edited inside', 'without its file'])(
  'a proxy that was %s comes back as it was, and as the manifest says when they end',
  (how) => {
    const loop = settled(service(), service({ replicas: 2 }));
    const image = loop.world.images.get('nginx:1');
    if (image !== undefined) loop.world.images.set('nginx:2', { ...image, id: 'sha256:2' });
    loop.allow = frozen;
    loop.stack = stack([service({ replicas: 2, route: { path: '/shop' } })], { proxy: EDITED_PROXY });
    loop.rest();
    expect(proxyOf(loop)).toEqual(ONE_PLACE);
    const proxy = loop.world.containers.find(({ role }) => role === 'proxy')?.id ?? '';
    if (how === 'removed') loop.world.remove(proxy);
    if (how === 'ended') loop.world.end(proxy);
    if (how === 'hung') loop.world.hang(proxy);
    if (how === 'edited inside') loop.world.proxy.edit(proxy);
    if (how === 'without its file') loop.world.proxy.replaceFile(proxy, undefined);
    loop.rest();
    expect(proxyOf(loop)).toEqual(ONE_PLACE);
    expect(shares(loop)).toEqual(['stable 1.0.0+1.0.0 100']);
    loop.allow = () => true;
    loop.settle();
    expect(proxyOf(loop)).toEqual({ timeout: 5, places: ['app /shop'], image: 'nginx:2', port: 9090 });
  },
);

test('a version whose traffic is denied gets none when the proxy is made anew', () => {
  const loop = settled(service());
  loop.allow = ({ question }, { kind }) => kind !== 'shiftTraffic' || question === 'heal';
  edit(loop, version('2.0.0'));
  expect(shares(loop)).toEqual(['stable 1.0.0 100']);
  loop.world.remove(loop.world.containers.find(({ role }) => role === 'proxy')?.id ?? '');
  loop.rest();
  expect(shares(loop)).toEqual(['stable 1.0.0 100']);
});

test('a service that lost its route in the manifest keeps it when the proxy is made anew', () => {
  const loop = settled(service());
  loop.allow = ({ question }) => question === 'heal';
  edit(loop, service({ noRoute: true }));
  loop.world.remove(loop.world.containers.find(({ role }) => role === 'proxy')?.id ?? '');
  loop.rest();
  expect(shares(loop)).toEqual(['stable 1.0.0 100']);
});

test('a proxy whose replacement was let in comes as the manifest says, whatever keeps it from being made at once', () => {
  let isTaken = true;
  const loop = new ModelLoop(stack([service()]), {
    beforeStep: ({ kind }) => {
      if (kind === 'createContainer' && loop.stack.proxy.port === 9090 && isTaken)
        throw new Error('port is taken');
    },
  });
  loop.settle();
  loop.stack = stack([service()], { proxy: { ...EDITED_PROXY, image: 'nginx:1' } });
  for (let tick = 0; tick < 5; tick += 1) loop.tick();
  expect(proxyOf(loop).port).toBeUndefined();
  isTaken = false;
  loop.settle();
  expect(proxyOf(loop).port).toBe(9090);
});
