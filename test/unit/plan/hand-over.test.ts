import { describe, expect, test } from 'vitest';
import { shares } from '../../support/model/describe.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

function settled(): ModelLoop {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  return loop;
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
