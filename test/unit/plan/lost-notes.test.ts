/** `state.json` is gone in the middle of a canary: the version that served before is known by its container. */
import { expect, test } from 'vitest';
import type { ServiceSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import { EMPTY_MEMORY } from '../../../src/reconcilers/plan/memory.js';
import { shares } from '../../support/model/describe.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

const HOLD = 600_000;
const CANARY = {
  steps: [5, 50].map((weight) => ({ kind: 'share', weight, holdMs: HOLD }) as const),
  replicas: 1,
  sticky: 'off',
  warmupMs: 0,
  deadlineMs: HOLD,
} as const;

const canary = version('2.0.0', { mode: 'canary', canary: CANARY });

/** At its second share, and without a note of how it came there. */
function lost(before: ServiceSpec = service(), after = canary): ModelLoop {
  const loop = new ModelLoop(stack([before]));
  loop.settle();
  loop.stack = stack([after]);
  loop.settle();
  const { rollout } = loop.memory.services.app ?? {};
  if (rollout === undefined) throw new Error('no canary');
  const moved = { ...loop.memory.services.app, rollout: { ...rollout, step: 1, weight: 50 } };
  loop.memory = { ...loop.memory, services: { app: moved } };
  loop.settle();
  expect(shares(loop)).toEqual(['stable 1.0.0 50', 'canary 2.0.0 50']);
  loop.memory = EMPTY_MEMORY;
  return loop;
}

function givenToCanary(loop: ModelLoop): readonly number[] {
  const models = loop.ticks.map(({ world }) => world.proxy.model);
  return models.flatMap((model) =>
    (model?.routes ?? []).flatMap(({ tracks }) =>
      tracks.flatMap(({ track, weight }) => (track === 'canary' ? [weight] : [])),
    ),
  );
}

test('it begins at its first step, and at no time has more than before', () => {
  const loop = lost();
  const from = loop.ticks.length;
  loop.rest();
  expect(shares(loop)).toEqual(['stable 1.0.0 95', 'canary 2.0.0 5']);
  loop.ticks.splice(0, from);
  expect(Math.max(...givenToCanary(loop))).toBe(50);
  expect(loop.memory.services.app?.rollout).toMatchObject({ step: 0, weight: 5 });
});

test('no container is touched', () => {
  const loop = lost();
  const { containers } = loop.world;
  loop.rest();
  expect(loop.world.containers).toEqual(containers);
});

test('what is read off is what it was made of, whatever its image brings and the canary changed', () => {
  const { container } = service();
  const rich = {
    ...container,
    command: ['serve', '--quick'],
    env: { GREETING: 'hello', EMPTY: '' },
    mounts: [
      { type: 'volume', source: 'data', target: '/data', readOnly: false },
      { type: 'bind', source: '/srv/www', target: '/www', readOnly: true },
    ],
    resources: { cpus: 0.5, memoryBytes: 64_000_000, pids: 77 },
    security: { user: '7:7', capAdd: ['NET_BIND_SERVICE'], readOnly: true, tmpfs: ['/tmp:size=1m'] },
  } as const;
  const before: ServiceSpec = { ...service(), container: rich };
  const loop = lost(before);
  loop.tick();
  expect(loop.memory.services.app?.stable?.container).toEqual(rich);
});

test('one with the hash of something else is not believed', () => {
  const loop = lost();
  for (const { id, track } of loop.world.containers)
    if (track === 'stable') loop.world.change(id, { specHash: 'a'.repeat(64) });
  loop.tick();
  expect(loop.memory.services.app).toEqual({});
});

test('a first deploy that is a canary has everybody', () => {
  const loop = new ModelLoop(stack([canary]));
  loop.settle();
  expect(shares(loop)).toEqual(['canary 2.0.0 100']);
});
