/** A rollout's figures before its bake, and in it. */
import { describe, expect, test } from 'vitest';
import { PhaseSum } from '../../../src/reconcilers/judge/phase-sum.js';
import type { SecondTally } from '../../../src/reconcilers/judge/second-book.js';
import { TrackTally } from '../../../src/reconcilers/judge/track-tally.js';

const LIMITS = { max_error_percent: 1, slow_ms: 500, max_slow_percent: 1 };
const BAKE = 1000;

function tally(requests: number, errors = 0): TrackTally {
  return Object.assign(new TrackTally(), { requests, errors });
}

function second(at: number, canary: TrackTally, stable = tally(0)): SecondTally {
  return { second: at, tracks: { canary, stable } };
}

/** A hundred seconds of both tracks, then the bake. */
function baking(stable: TrackTally, baked: TrackTally, seconds = 20): PhaseSum {
  const sum = new PhaseSum(LIMITS, BAKE * 1000);
  for (let at = BAKE - 100; at < BAKE; at += 1) sum.add(second(at, tally(50), stable));
  for (let at = BAKE; at < BAKE + seconds; at += 1) sum.add(second(at, baked));
  return sum;
}

describe('a bake', () => {
  test('is judged by its own requests, beside what stable was like before', () => {
    const { totals, windows } = baking(tally(50, 1), tally(10)).sums();
    expect(totals.canary.requests).toBe(200);
    expect(totals.stable).toMatchObject({ requests: 5000, errors: 100 });
    expect(windows[0]).toEqual({ seconds: 1, canary: { requests: 10, errors: 0, slow: 0 } });
  });

  test('that goes wrong is found however long all was well before', () => {
    const { errors } = baking(tally(50), tally(10, 2)).sums().evidence;
    expect(errors.worse_than_limit).toBeGreaterThan(100);
    expect(errors.worse_than_stable).toBeGreaterThan(100);
  });

  test('is no worse than before with the errors that stable had', () => {
    const { errors } = baking(tally(50, 2), tally(50, 2), 60).sums().evidence;
    expect(errors.worse_than_limit).toBeGreaterThan(100);
    expect(errors.worse_than_stable).toBeLessThan(20);
  });

  test('has nothing to be compared with where stable had no request', () => {
    expect(baking(tally(0), tally(10)).sums().evidence.errors).not.toHaveProperty('worse_than_stable');
  });

  test('is counted on in a copy, and not in what was copied', () => {
    const sum = baking(tally(50), tally(10));
    const copy = sum.copy();
    copy.add(second(BAKE + 50, tally(10, 10)));
    expect(sum.sums().totals.canary.errors).toBe(0);
    expect(copy.sums().totals.canary).toMatchObject({ requests: 210, errors: 10 });
  });
});

test('without a bake all is one rollout', () => {
  const sum = new PhaseSum(LIMITS, undefined);
  sum.add(second(1, tally(5), tally(5, 1)));
  sum.count(second(2, tally(1)));
  expect(sum.sums().totals.canary.requests).toBe(6);
  expect(sum.sums().windows).toHaveLength(1);
});
