import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DurationHistogram } from '../../src/reconcilers/judge/duration-histogram.js';

test('that every percentile is within 5 % of the true one', () => {
  const durations = fc.array(fc.integer({ min: 0, max: 3_600_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(durations, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, share) => {
      const histogram = new DurationHistogram();
      for (const value of values) histogram.add(value);
      const sorted = [...values].sort((a, b) => a - b);
      const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
      expect(Math.abs((histogram.quantile(share) ?? NaN) - exact)).toBeLessThanOrEqual(0.05 * exact + 1e-9);
    }),
  );
});
