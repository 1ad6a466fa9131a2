/** What must hold of evidence whatever the proxy saw: it rises with errors, and it does not cry wolf however often one looks. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CanaryLimits, Evidence } from '../../src/reconcilers/judge/canary-facts.js';
import {
  evidenceFacts,
  noEvidence,
  withBatch,
  type EvidenceBatch,
} from '../../src/reconcilers/judge/evidence.js';
import { bySecond } from '../../src/reconcilers/judge/evidence/by-second.js';
import { confidenceSequence } from '../../src/reconcilers/judge/evidence/confidence-sequence.js';
import { evidenceOf, harmAfter, NO_HARM } from '../../src/reconcilers/judge/evidence/harm.js';
import { NOTHING, type Tally } from '../../src/reconcilers/judge/evidence/tally.js';
import { betsOver, type Block } from '../../src/reconcilers/judge/evidence/versus-baseline.js';
import { betOn, NO_WAGER, wealthOf } from '../../src/reconcilers/judge/evidence/wager.js';
import { binomial, randomFrom, type Random } from '../../bench/judge/random.js';

const LIMITS: CanaryLimits = { max_error_percent: 1, slow_ms: 500, max_slow_percent: 1 };
/** Computing in another order rounds otherwise. */
const ROUNDING = 1e-9;

const tally = fc
  .record({ requests: fc.nat({ max: 60 }), part: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ requests, part }) => ({ requests, errors: Math.round(requests * part ** 3), slow: 0 }));
const batch: fc.Arbitrary<EvidenceBatch> = fc.record({ canary: tally, stable: tally });
const batches = fc.array(batch, { minLength: 1, maxLength: 12 });

test('one more error of the canary is never evidence for it', () => {
  fc.assert(
    fc.property(batches, fc.nat(), (some, place) => {
      const worse = withErrors(some, place % some.length, 'canary');
      const before = errorsAfter(some);
      const after = errorsAfter(worse);
      expect(after.worse_than_limit).toBeGreaterThanOrEqual(before.worse_than_limit * (1 - ROUNDING));
      expect(after.better_than_limit).toBeLessThanOrEqual(before.better_than_limit * (1 + ROUNDING));
      expect(after.worse_than_stable ?? 0).toBeGreaterThanOrEqual(
        (before.worse_than_stable ?? 0) * (1 - ROUNDING),
      );
    }),
  );
});

test('health depends on what came, not on the order in which it came', () => {
  fc.assert(
    fc.property(batches, (some) => {
      const forth = errorsAfter(some).better_than_limit;
      expect(errorsAfter([...some].reverse()).better_than_limit).toBe(forth);
    }),
  );
});

test('the same batches give the same numbers, and they are numbers', () => {
  fc.assert(
    fc.property(batches, (some) => {
      expect(errorsAfter(some)).toEqual(errorsAfter(some));
      for (const value of Object.values(errorsAfter(some)))
        expect(Number.isFinite(value) && value >= 0 && value <= 1e12).toBe(true);
    }),
  );
});

test('Ville: at the limit, looked at after every second, evidence of harm reaches 20 in at most one rollout of twenty', () => {
  const peaks = rollouts(300, (random) => {
    const next = () => ({ canary: answered(random, 10, 0.01), stable: NOTHING });
    return peakOf(120, next, ({ worse_than_limit }) => worse_than_limit);
  });
  expect(partAbove(peaks, 20)).toBeLessThanOrEqual(withError(1 / 20, 300));
  expect(partAbove(peaks, 5)).toBeLessThanOrEqual(withError(1 / 5, 300));
});

test('Ville: a canary just as bad as its baseline, while weight and rate move, is rarely blamed', () => {
  const peaks = rollouts(300, (random) => {
    let second = 0;
    const next = () => {
      second += 1;
      const rate = second % 40 < 10 ? 0.4 : 0.02;
      const share = second < 50 ? 2 : 10;
      return { canary: answered(random, share, rate), stable: answered(random, 20 - share, rate) };
    };
    return peakOf(120, next, ({ worse_than_stable = 0 }) => worse_than_stable);
  });
  expect(partAbove(peaks, 20)).toBeLessThanOrEqual(withError(1 / 20, 300));
  expect(partAbove(peaks, 5)).toBeLessThanOrEqual(withError(1 / 5, 300));
});

test('Ville: after an outage of both, a canary within its limit that is left alone again and again is rarely blamed', () => {
  const peaks = rollouts(300, (random) => {
    let second = 0;
    const next = () => {
      second += 1;
      if (second <= 20) return { canary: answered(random, 5, 0.6), stable: answered(random, 15, 0.6) };
      const isAlone = second % 20 >= 10;
      return { canary: answered(random, 20, 0.01), stable: isAlone ? NOTHING : { requests: 5, bad: 0 } };
    };
    return peakOf(200, next, ({ worse_than_limit_since_stable }) => worse_than_limit_since_stable);
  });
  expect(partAbove(peaks, 20)).toBeLessThanOrEqual(withError(1 / 20, 300));
  expect(partAbove(peaks, 5)).toBeLessThanOrEqual(withError(1 / 5, 300));
});

test('Ville: where requests of a second go wrong together, and nobody knows, the comparison of seconds rarely blames', () => {
  const peaks = rollouts(300, (random) => {
    const inBursts = (requests: number) => answered(random, requests, random() < 0.1 ? random() : 0);
    let bet = NO_WAGER;
    let peak = 0;
    for (let second = 0; second < 200; second += 1) {
      const block = { canary: inBursts(second < 100 ? 5 : 40), stable: inBursts(20) };
      bet = betOn(bet, betsOver(bySecond(block)));
      peak = Math.max(peak, wealthOf(bet));
    }
    return peak;
  });
  expect(partAbove(peaks, 20)).toBeLessThanOrEqual(withError(1 / 20, 300));
  expect(partAbove(peaks, 5)).toBeLessThanOrEqual(withError(1 / 5, 300));
});

test('the mean of the evidence stays at 1 or below under the null, and far above it for a bad version', () => {
  const last = (rate: number) =>
    rollouts(400, (random) => {
      const some = Array.from({ length: 5 }, () => ({ canary: drawn(random, 10, rate) }));
      return Math.min(1000, errorsAfter(some).worse_than_limit);
    });
  expect(mean(last(0.01))).toBeLessThanOrEqual(1.1);
  expect(mean(last(0.2))).toBeGreaterThan(100);
});

test('the confidence sequence holds the true rate at every look at once in 95 % of rollouts', () => {
  const misses = rollouts(300, (random) => {
    let requests = 0;
    let bad = 0;
    let missed = 0;
    for (let look = 0; look < 60; look += 1) {
      requests += 20;
      bad += binomial(random, 20, 0.05);
      const [lowest, highest] = confidenceSequence({ requests, bad });
      if (lowest > 0.05 || highest < 0.05) missed = 1;
    }
    return missed;
  });
  expect(mean(misses)).toBeLessThanOrEqual(withError(0.05, 300));
});

function errorsAfter(some: readonly EvidenceBatch[]) {
  return evidenceFacts(some.reduce(withBatch, noEvidence(LIMITS))).errors;
}

/** One request more that went wrong instead of right, where there is one. */
function withErrors(some: readonly EvidenceBatch[], place: number, track: 'canary'): EvidenceBatch[] {
  return some.map((one, index) => {
    const { requests, errors, slow } = one[track];
    return index === place
      ? { ...one, [track]: { requests, errors: Math.min(requests, errors + 1), slow } }
      : one;
  });
}

/** Highest evidence about errors in so many looks, one after every second. */
function peakOf(seconds: number, next: () => Block, of: (evidence: Evidence) => number): number {
  let harm = NO_HARM;
  let peak = 0;
  for (let second = 0; second < seconds; second += 1) {
    harm = harmAfter(harm, LIMITS.max_error_percent, next());
    peak = Math.max(peak, of(evidenceOf(harm, LIMITS.max_error_percent)));
  }
  return peak;
}

function answered(random: Random, requests: number, rate: number): Tally {
  return { requests, bad: binomial(random, requests, rate) };
}

function drawn(random: Random, requests: number, rate: number) {
  return { requests, errors: binomial(random, requests, rate), slow: 0 };
}

/** Each from a seed of its own, the same in every run. */
function rollouts(count: number, one: (random: Random) => number): number[] {
  return Array.from({ length: count }, (_, index) => one(randomFrom(index + 1)));
}

function partAbove(values: readonly number[], threshold: number): number {
  return mean(values.map((value) => (value >= threshold ? 1 : 0)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Three standard errors of a part of so many rollouts. */
function withError(part: number, count: number): number {
  return part + 3 * Math.sqrt((part * (1 - part)) / count);
}
