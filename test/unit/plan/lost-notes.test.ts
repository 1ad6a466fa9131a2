/** `state.json` is gone or torn in the middle of a canary: the version that served before is known to nobody, and serves. */
import { expect, test } from 'vitest';
import { EMPTY_MEMORY } from '../../../src/reconcilers/plan/memory.js';
import { shares } from '../../support/model/describe.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

const HOLD = 600_000;
const CANARY = {
  steps: [10, 50].map((weight) => ({ kind: 'share', weight, holdMs: HOLD }) as const),
  replicas: 1,
  sticky: 'off',
  warmupMs: 0,
  deadlineMs: HOLD,
} as const;

/** At its first share, and without a note of how it came there. */
function lost(): ModelLoop {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  loop.stack = stack([version('2.0.0', { mode: 'canary', canary: CANARY })]);
  loop.settle();
  loop.memory = EMPTY_MEMORY;
  loop.settle();
  return loop;
}

test('users stay where they are', () => {
  const loop = lost();
  expect(shares(loop)).toEqual(['stable 1.0.0 90', 'canary 2.0.0 10']);
  const given = loop.ticks.flatMap(({ plan }) =>
    plan.chains.flat().flatMap((step) => (step.kind === 'shiftTraffic' ? [step.weights] : [])),
  );
  expect(given.filter((weights) => weights.includes('canary 100'))).toEqual([]);
  expect(loop.memory.services.app?.rollout).toMatchObject({ weight: 10, isBesideUnknown: true });
});

test('without a version that anybody knows to go back to, a rollback leaves them there', () => {
  const loop = lost();
  loop.verdicts.set('app', { verdict: 'rollback', words: 'harm' });
  loop.rest();
  expect(shares(loop)).toEqual(['stable 1.0.0 90', 'canary 2.0.0 10']);
});

test('promoted, it has everybody, and the version of before leaves', () => {
  const loop = lost();
  loop.stack = stack([version('2.0.0')]);
  loop.settle();
  expect(shares(loop)).toEqual(['stable 2.0.0 100']);
  expect(loop.world.containers.filter(({ version: text }) => text === '1.0.0')).toEqual([]);
});

test('where the version of before ends, the canary has everybody', () => {
  const loop = lost();
  loop.world.remove(loop.world.containers.find(({ version: text }) => text === '1.0.0')?.id ?? '');
  loop.rest();
  expect(shares(loop)).toEqual(['canary 2.0.0 100']);
});
