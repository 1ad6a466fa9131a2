import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Backoff } from '../../src/controller/backoff.js';

describe('backoff', () => {
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
