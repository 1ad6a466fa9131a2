import { expect, test } from 'vitest';
import type { Condition, ConditionStatus } from '../../../src/controller/conditions.js';
import { verdictAfter, verdictOf } from '../../../src/cli/loop/verdict.js';

function conditions(
  statuses: Partial<Record<Condition['type'], ConditionStatus>>,
  reason = 'Any',
): Condition[] {
  return Object.entries(statuses).map(([type, status]) => ({
    type: type as Condition['type'],
    status,
    reason,
    message: '',
    observedGeneration: 1,
    lastTransitionTime: '2026-05-05T21:00:00.000Z',
  }));
}

test.each([
  ['nothing is known', {}, undefined],
  ['it is ready', { Ready: 'True', Stalled: 'False' }, 0],
  ['it goes on', { Ready: 'False', Stalled: 'False', PolicyAllowed: 'False' }, undefined],
  ['it is stalled', { Ready: 'False', Stalled: 'True', PolicyAllowed: 'True' }, 1],
  ['policy denies', { Ready: 'False', Stalled: 'True', PolicyAllowed: 'False' }, 2],
  ['the manifest is bad', { Stalled: 'True', PolicyAllowed: 'False', ManifestValid: 'False' }, 3],
] as const)('%s', (_name, statuses, code) => {
  expect(verdictOf(conditions(statuses))).toBe(code);
});

test('a new version that crashes is waited for until its deadline', () => {
  expect(verdictOf(conditions({ Stalled: 'True', Progressing: 'True' }, 'Unstable'))).toBeUndefined();
  expect(verdictOf(conditions({ Stalled: 'True', Progressing: 'False' }, 'Unstable'))).toBe(1);
});

test('a tick that changed something is no end', () => {
  const ready = conditions({ Ready: 'True' });
  expect(verdictAfter({ kind: 'settled' }, ready)).toBe(0);
  expect(verdictAfter({ kind: 'progress' }, ready)).toBeUndefined();
  expect(verdictAfter(new Error('x'), ready)).toBeUndefined();
  const stalled = conditions({ Stalled: 'True' });
  expect(verdictAfter({ kind: 'progress' }, stalled)).toBeUndefined();
  expect(verdictAfter({ kind: 'stalled' }, stalled)).toBe(1);
  expect(verdictAfter(new Error('x'), stalled)).toBe(1);
});
