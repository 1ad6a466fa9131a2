/** What a plan foresees of a part that was silent because it was not on its network. */
import { expect, test } from 'vitest';
import type { ObservedContainer, World } from '../../../src/reconcilers/observed/world.js';
import { afterStep } from '../../../src/reconcilers/plan/predict/after-step.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack } from '../../support/model/stacks.js';

function settled(): World {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  return loop.input().world;
}

function connected(world: World, role: ObservedContainer['role']): World {
  const { id = '', name = '' } = world.containers.find((container) => container.role === role) ?? {};
  const step = { kind: 'connectNetwork', target: name, id, network: 'shop', aliases: [], cause: '' } as const;
  return afterStep(world, step, 5000);
}

test('a proxy that was silent serves what it has', () => {
  const world = settled();
  const silent = { ...world, proxy: { ...world.proxy, confirmed: false, silentSince: 1000 } };
  const { proxy } = connected(silent, 'proxy');
  expect(proxy).toMatchObject({ confirmed: true, model: world.proxy.model });
  expect(proxy).not.toHaveProperty('silentSince');
});

test('a policy engine that was silent is waited for', () => {
  const world = settled();
  const [id = ''] = world.policyEngines.keys();
  const silent = { ...world, policyEngines: new Map([[id, { ready: false, silentSince: 1000 }]]) };
  expect(connected(silent, 'policy').policyEngines.get(id)).toEqual({ ready: false });
});

test('one that was not silent goes on as before', () => {
  const world = settled();
  expect(connected(world, 'proxy').proxy).toEqual(world.proxy);
});
