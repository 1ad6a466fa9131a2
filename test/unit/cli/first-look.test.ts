/** How long a plan waits for who says nothing. */
import { expect, test } from 'vitest';
import { patienceMs } from '../../../src/cli/plan/first-look.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack } from '../../support/model/stacks.js';

const TIMEOUT_MS = 3000;

function settled() {
  const { health } = service();
  if (health === undefined) throw new Error('it is not asked for its health');
  const loop = new ModelLoop(stack([service({ health: { ...health, timeoutMs: TIMEOUT_MS } })]));
  loop.settle();
  return { world: loop.world.observe(loop.stack), stack: loop.stack };
}

test('a replica that nobody has heard of yet is heard, though the host let this process look late', () => {
  const { world, stack } = settled();
  const unheard = { ...world, health: new Map() };
  expect(patienceMs(unheard, stack)).toBeGreaterThan(2 * TIMEOUT_MS);
});

test('who was heard is not waited for any longer', () => {
  const { world, stack } = settled();
  expect(patienceMs(world, stack)).toBe(2500);
});
