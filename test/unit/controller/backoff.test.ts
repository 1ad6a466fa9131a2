import { describe, expect, test } from 'vitest';
import { Backoff } from '../../../src/controller/backoff.js';

describe('backoff', () => {
  test('pauses double up to the longest', () => {
    const backoff = new Backoff({ baseMs: 100, maxMs: 1_000, random: () => 1 });
    expect([1, 2, 3, 4, 5, 6].map(() => backoff.next('a'))).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  test('keys fail on their own, and success forgets', () => {
    const backoff = new Backoff({ baseMs: 100, maxMs: 1_000, random: () => 1 });
    backoff.next('a');
    backoff.next('a');
    expect([backoff.failures('a'), backoff.failures('b')]).toEqual([2, 0]);
    backoff.reset('a');
    expect(backoff.failures('a')).toBe(0);
    expect(backoff.next('a')).toBe(100);
  });
});
