/** A controller that just started knows of nobody's health: who was served before, and runs, keeps what it has until it is asked. */
import { expect, test } from 'vitest';
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

/** The weights that are planned while these tracks have answered nobody yet. */
function plannedWithout(loop: ModelLoop, silent: string): readonly string[] {
  const input = loop.input();
  const ids = input.world.containers.filter(({ track }) => track === silent).map(({ id }) => id);
  const health = new Map([...input.world.health].filter(([id]) => !ids.includes(id)));
  const { chains } = planStack({ ...input, world: { ...input.world, health } });
  return chains.flat().flatMap((step) => (step.kind === 'shiftTraffic' ? [step.weights] : []));
}

test.each([
  ['stable', 1],
  ['stable', 2],
  ['canary', 1],
  ['canary', 2],
] as const)('while %s x %i has not answered yet, the other one gets no more', (silent, replicas) => {
  expect(plannedWithout(atTen(replicas), silent)).toEqual([]);
});
