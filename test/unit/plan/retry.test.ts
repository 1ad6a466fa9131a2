/** What a request to try again changes of what is remembered. */
import { expect, test } from 'vitest';
import { withRetry, type StackMemory } from '../../../src/reconcilers/plan/memory.js';

const failed = {
  service: 'app',
  track: 'stable',
  specHash: 'spec',
  attempt: 'attempt',
  version: '2',
  reason: 'DeadlineExceeded',
  message: 'it was not healthy',
  at: '2026-05-05T20:55:22.000Z',
} as const;
const memory = { services: { app: { failed } }, applied: ['app-1'] } as unknown as StackMemory;

test('the failure keeps its place, so that what it left is cleaned up, and stands for no attempt any more', () => {
  const retried = withRetry(memory, { service: 'app', attempt: 'attempt' });
  expect(retried.services.app?.failed).toEqual({ ...failed, attempt: '' });
  expect(retried.applied).toEqual(['app-1']);
});

test.each([
  ['of another attempt', { service: 'app', attempt: 'later' }],
  ['of another service', { service: 'web', attempt: 'attempt' }],
])('a request %s changes nothing', (_which, retry) => {
  expect(withRetry(memory, retry)).toBe(memory);
});
