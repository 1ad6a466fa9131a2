import fc from 'fast-check';
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

  test('a pause lies in the upper half of its range, however many failures', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, chance) => {
          const backoff = new Backoff({ baseMs: 100, maxMs: 60_000, random: () => chance });
          for (let n = 0; n < failures; n += 1) backoff.next('a');
          const ceiling = Math.min(60_000, 100 * 2 ** failures);
          const pause = backoff.next('a');
          expect(pause).toBeGreaterThanOrEqual(ceiling / 2);
          expect(pause).toBeLessThanOrEqual(ceiling);
        },
      ),
      { numRuns: 50 },
    );
  });
});
