/** A controller that just started knows of nobody's health: who was served before, and runs, keeps what it has until it is asked. */
import { describe, expect, test } from 'vitest';
import type { ObservedHealth } from '../../../src/reconcilers/observed/world.js';
import { planStack } from '../../../src/reconcilers/plan/plan-stack.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

const CANARY = {
  steps: [{ kind: 'share', weight: 10, holdMs: 600_000 }],
  replicas: 1,
  sticky: 'off',
  warmupMs: 0,
  deadlineMs: 600_000,
} as const;

function atTen(replicas = 1): ModelLoop {
  const loop = new ModelLoop(stack([service({ replicas })]));
  loop.settle();
  loop.stack = stack([version('2.0.0', { replicas, mode: 'canary', canary: CANARY })]);
  loop.settle();
  loop.world.passes(1000);
  return loop;
}

type Health = Partial<ObservedHealth> | undefined;

/** The weights that are planned while this is known of these tracks. */
function plannedWith(loop: ModelLoop, track: string, known: Health): readonly string[] {
  const input = loop.input();
  const health = new Map(input.world.health);
  for (const { id } of input.world.containers.filter((container) => container.track === track))
    if (known === undefined) health.delete(id);
    else health.set(id, { healthy: false, wasHealthy: false, failuresInARow: 1, ...known });
  const { chains } = planStack({ ...input, world: { ...input.world, health } });
  return chains.flat().flatMap((step) => (step.kind === 'shiftTraffic' ? [step.weights] : []));
}

test('of a canary that has everybody, neither it nor its standby is touched before they are asked', () => {
  const loop = atTen();
  const all = { ...CANARY, steps: [{ kind: 'share', weight: 100, holdMs: 600_000 }] } as const;
  loop.stack = stack([version('2.0.0', { mode: 'canary', canary: all })]);
  loop.settle();
  loop.world.passes(1000);
  const input = loop.input();
  const { chains } = planStack({ ...input, world: { ...input.world, health: new Map() } });
  expect(chains).toEqual([]);
});

describe.each(['stable', 'canary'])('of %s', (track) => {
  test.each([1, 2])('%i that nobody has asked yet keep what they have', (replicas) => {
    expect(plannedWith(atTen(replicas), track, undefined)).toEqual([]);
  });

  test('one that missed its first health check keeps what it has, and one that missed all does not', () => {
    const loop = atTen();
    expect(plannedWith(loop, track, { failuresInARow: 2 })).toEqual([]);
    expect(plannedWith(loop, track, { failuresInARow: 3 })).not.toEqual([]);
  });

  test('one that was well and is not any more loses it', () => {
    expect(plannedWith(atTen(), track, { wasHealthy: true })).not.toEqual([]);
  });
});
