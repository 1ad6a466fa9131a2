/** What evidence is expected to be, summed over every history that is possible. */
import { describe, expect, test } from 'vitest';
import type { EvidenceBatch } from '../../src/reconcilers/judge/evidence.js';
import { batch, both, errorsAfter, LIMITS } from '../support/evidence-batches.js';

describe('against the limit', () => {
  test('under the null it is expected to be 1 at the limit and less below it, over every history of eight requests', () => {
    expect(expected(0.2, ({ worse_than_limit: evidence }) => evidence)).toBeCloseTo(1, 12);
    for (const rate of [0, 0.01, 0.1, 0.19])
      expect(expected(rate, ({ worse_than_limit: evidence }) => evidence)).toBeLessThan(1);
  });

  test('the evidence of health is expected to be 1 at the limit and less above it', () => {
    expect(expected(0.2, ({ better_than_limit: evidence }) => evidence)).toBeCloseTo(1, 12);
    for (const rate of [0.21, 0.3, 0.5, 1])
      expect(expected(rate, ({ better_than_limit: evidence }) => evidence)).toBeLessThan(1);
  });
});

describe('against the baseline', () => {
  test('under equal rates it is never expected to be above 1, over every history, whatever the rates do and however the weight moves', () => {
    const blocks = [
      { canary: 1, stable: 3 },
      { canary: 2, stable: 2 },
      { canary: 3, stable: 1 },
    ];
    for (const rates of [
      [0.001, 0.001, 0.001],
      [0.01, 0.5, 0.9],
      [1, 0, 1],
      [0.3, 0.3, 0.3],
    ])
      expect(expectedOver(blocks, rates)).toBeLessThanOrEqual(1 + 1e-12);
  });
});

/** Over all 256 histories of eight single requests at this error rate, against a limit of 20 %. */
function expected(rate: number, of: (evidence: ReturnType<typeof errorsAfter>) => number): number {
  const histories = Array.from({ length: 2 ** 8 }, (_, bits) =>
    Array.from({ length: 8 }, (_unused, place) => (bits >> place) & 1),
  );
  return histories.reduce((sum, history) => {
    const errors = history.filter((bit) => bit === 1).length;
    const chance = rate ** errors * (1 - rate) ** (8 - errors);
    return chance === 0
      ? sum
      : sum +
          chance *
            of(
              errorsAfter(
                history.map((bit) => batch({ requests: 1, errors: bit })),
                { ...LIMITS, max_error_percent: 20 },
              ),
            );
  }, 0);
}

/** Over all counts of errors in each block, both tracks failing at the block's rate. */
function expectedOver(
  blocks: readonly { readonly canary: number; readonly stable: number }[],
  rates: readonly number[],
  batches: readonly EvidenceBatch[] = [],
): number {
  const block = blocks[batches.length];
  if (block === undefined) return errorsAfter(batches).worse_than_stable ?? 1;
  const rate = rates[batches.length] ?? 0;
  let sum = 0;
  for (let ofCanary = 0; ofCanary <= block.canary; ofCanary += 1)
    for (let ofStable = 0; ofStable <= block.stable; ofStable += 1) {
      const chance = binomial(block.canary, ofCanary, rate) * binomial(block.stable, ofStable, rate);
      const next = both(block.canary, ofCanary, block.stable, ofStable);
      if (chance > 0) sum += chance * expectedOver(blocks, rates, [...batches, next]);
    }
  return sum;
}

function binomial(trials: number, hits: number, rate: number): number {
  let ways = 1;
  for (let k = 0; k < hits; k += 1) ways = (ways * (trials - k)) / (k + 1);
  return ways * rate ** hits * (1 - rate) ** (trials - hits);
}
