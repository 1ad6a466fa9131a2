/** A replica that somebody removed, and that cannot be made again for want of its image, is not healed. */
import { expect, test } from 'vitest';
import { planStack } from '../../../src/reconcilers/plan/plan-stack.js';
import { trackDrift } from '../../../src/reconcilers/report/drift.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack } from '../../support/model/stacks.js';

test('it stays drift, and is healed when the image is back', () => {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  const { world } = loop;
  const replica = world.containers.find(({ role }) => role === 'service');
  const { name = '', id = '', config } = replica ?? {};
  const image = world.images.get(config?.image ?? '');
  world.remove(id);
  world.images.delete(config?.image ?? '');
  world.builds.delete(config?.imageId ?? '');
  const drift = { kind: 'removed', target: name, cause: `${name} is gone`, since: world.now } as const;

  const without = planStack(loop.input());
  expect(trackDrift([drift], { plan: without, now: world.now })).toEqual({ open: [drift], events: [] });
  expect(without.memory.applied).toContain(name);

  if (image !== undefined) world.images.set(config?.image ?? '', image);
  const steps = planStack({ ...loop.input(), memory: without.memory }).chains.flat();
  expect(steps.find(({ kind }) => kind === 'createContainer')).toMatchObject({
    target: name,
    drift: 'removed',
    gate: { question: 'heal' },
  });
});
