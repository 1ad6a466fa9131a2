/** The evidence against computations of another kind: plain powers, numeric integration, whole numbers. */
import { describe, expect, test } from 'vitest';
import {
  evidenceFacts,
  intervalPercent,
  withBatch,
  type EvidenceBatch,
  type EvidenceState,
} from '../../../src/reconcilers/judge/evidence.js';
import { bySecond } from '../../../src/reconcilers/judge/evidence/by-second.js';
import { confidenceSequence } from '../../../src/reconcilers/judge/evidence/confidence-sequence.js';
import { logGamma } from '../../../src/reconcilers/judge/evidence/log-gamma.js';
import { MAX_EVIDENCE } from '../../../src/reconcilers/judge/evidence/log-sum.js';
import {
  after,
  batch,
  both,
  errorsAfter,
  LIMITS,
  many,
  type Answers,
} from '../../support/evidence-batches.js';

describe('against the limit', () => {
  test('two batches are the average over alternatives and over the moment from which one of them is true', () => {
    const first = { requests: 7, errors: 1 };
    const second = { requests: 4, errors: 0 };
    const { worse_than_limit: evidence } = errorsAfter([batch(first), batch(second)]);
    const rates = alternatives(0.01);
    const fromTheStart = staked(rates.map((rate) => ratio(rate, 0.01, { requests: 11, errors: 1 })));
    const fromTheSecond = staked(rates.map((rate) => ratio(rate, 0.01, second)));
    expect(evidence).toBeCloseTo(0.9 * fromTheStart + 0.05 * fromTheSecond + 0.05, 12);
  });

  test('health of requests without an error is the plain average of powers', () => {
    const requests = 500;
    const { better_than_limit: evidence } = errorsAfter([batch({ requests, errors: 0 })]);
    const steps = Array.from({ length: 30 }, (_, index) => (index + 0.5) / 30);
    const rates = [0, ...steps.map((step) => 0.01 * 0.001 ** step)];
    expect(evidence / average(rates.map((rate) => ((1 - rate) / 0.99) ** requests))).toBeCloseTo(1, 10);
    expect(evidence).toBeGreaterThan(20);
  });

  test('a second with good answers among the bad counts for a factor of 20 at most, one without for all that it says', () => {
    const burst = errorsAfter([batch({ requests: 25, errors: 12 })]).worse_than_limit;
    const outage = errorsAfter([batch({ requests: 25, errors: 25 })]).worse_than_limit;
    expect(burst).toBeLessThanOrEqual(20);
    expect(burst).toBeGreaterThan(10);
    expect(outage).toBe(MAX_EVIDENCE);
  });

  test('a version that turns bad after an hour without an error is caught within seconds', () => {
    const hour = after(many(3600, batch({ requests: 10, errors: 0 })));
    const seconds = many(8, batch({ requests: 10, errors: 2 })).reduce(withBatch, hour);
    expect(evidenceFacts(hour).errors.worse_than_limit).toBeLessThan(0.001);
    expect(evidenceFacts(seconds).errors.worse_than_limit).toBeGreaterThan(100);
  });

  test.each([
    [0, { requests: 1, errors: 1 }, { worse: 100, better: 1 }],
    [100, { requests: 50, errors: 50 }, { worse: 1, better: 0 }],
  ])('a limit of %s %% gives numbers', (max_error_percent, tally, { worse, better }) => {
    const evidence = errorsAfter([batch(tally)], { ...LIMITS, max_error_percent });
    expect(evidence.worse_than_limit).toBeGreaterThanOrEqual(worse);
    expect(evidence.better_than_limit).toBeGreaterThanOrEqual(better);
    expect(finite(evidence)).toBe(true);
  });
});

describe('against the baseline', () => {
  test('an outage of both says nothing, however the weight moves meanwhile', () => {
    const calm = (weight: number) => both(weight, 0, 100 - weight, 0);
    const outage = (weight: number) => both(weight, 0.6 * weight, 100 - weight, 0.6 * (100 - weight));
    const batches = [
      ...many(60, calm(5)),
      ...many(10, calm(25)),
      ...many(30, outage(25)),
      ...many(20, outage(50)),
    ];
    const evidence = errorsAfter(batches);
    expect(evidence.worse_than_limit).toBe(MAX_EVIDENCE);
    expect(evidence.worse_than_stable).toBeLessThan(1);
  });

  test('more errors than the baseline are evidence, at a large share too', () => {
    expect(errorsAfter(many(8, both(1, 1, 1, 0))).worse_than_stable).toBeGreaterThan(100);
    expect(errorsAfter(many(20, both(5, 1, 95, 0))).worse_than_stable).toBeGreaterThan(100);
    expect(errorsAfter(many(20, both(5, 0, 95, 19))).worse_than_stable).toBeLessThan(1);
  });

  test('where one request comes in a second, a block waits until both tracks answered', () => {
    const round = [...many(19, both(0, 0, 1, 0)), both(1, 1, 0, 0)];
    const apart = errorsAfter([...round, ...round, ...round]).worse_than_stable ?? 0;
    const together = errorsAfter(many(3, both(1, 1, 19, 0))).worse_than_stable ?? 0;
    expect(apart).toBeCloseTo(together, 9);
    expect(together).toBeGreaterThan(100);
  });

  test('bursts that stable has as well make a burst of the canary say less', () => {
    const stableBursts = many(10, both(25, 0, 75, 0)).concat(
      both(25, 0, 75, 40),
      many(10, both(25, 0, 75, 0)),
    );
    const stableSteady = many(20, both(25, 0, 75, 2)).concat(both(25, 0, 75, 0));
    const burst = many(2, both(25, 12, 75, 0));
    const told = errorsAfter([...stableBursts, ...burst]).worse_than_stable ?? 0;
    expect(told).toBeLessThan(5);
    expect(errorsAfter([...stableSteady, ...burst]).worse_than_stable).toBeGreaterThan(10 * told);
  });

  test('an outage of stable does not blunt the comparison for the rest of the rollout', () => {
    const before = [
      ...many(20, both(5, 0, 95, 0)),
      ...many(10, both(5, 0, 95, 95)),
      ...many(60, both(5, 0, 95, 0)),
    ];
    const failing = many(20, both(25, 2, 75, 0));
    expect(errorsAfter([...before, ...failing]).worse_than_stable).toBeGreaterThan(100);
  });

  test('by the second, a track that is asked more often has no more bad seconds for that', () => {
    expect(bySecond({ canary: { requests: 4, bad: 1 }, stable: { requests: 2, bad: 0 } })).toEqual({
      canary: { requests: 1, bad: 0.5 },
      stable: { requests: 1, bad: 0 },
    });
    const { canary } = bySecond({ canary: { requests: 200, bad: 1 }, stable: { requests: 200, bad: 200 } });
    expect(canary.bad).toBeCloseTo(0.1, 12);
  });

  test('without a baseline nothing is said of it, and what both answered stays said when it falls silent', () => {
    expect(errorsAfter([batch({ requests: 50, errors: 0 })])).not.toHaveProperty('worse_than_stable');
    const before = [...many(5, both(50, 0, 50, 0)), both(50, 5, 50, 0)];
    const { worse_than_stable: told } = errorsAfter(before);
    expect(errorsAfter([...before, both(100, 30, 0, 0)]).worse_than_stable).toBe(told);
  });
});

describe('against the limit, since stable last answered', () => {
  const outage = [
    ...many(60, both(5, 0, 15, 0)),
    ...many(20, both(5, 3, 15, 9)),
    ...many(120, both(5, 0, 15, 0)),
  ];

  test('an outage of both is forgotten, which the rollout remembers for minutes', () => {
    const { worse_than_limit, worse_than_limit_since_stable, worse_than_stable, requests_since_stable } =
      errorsAfter([...outage, ...many(10, batch({ requests: 20, errors: 0 }))]);
    expect(worse_than_limit).toBe(MAX_EVIDENCE);
    expect(worse_than_stable).toBeLessThan(1);
    expect(worse_than_limit_since_stable).toBeLessThan(1);
    expect(requests_since_stable).toBe(200);
  });

  test('a canary that fails while nobody is beside it is found in seconds', () => {
    const failing = many(2, batch({ requests: 20, errors: 20 }));
    expect(errorsAfter([...outage, ...failing]).worse_than_limit_since_stable).toBeGreaterThan(100);
  });

  test('it is that of the whole rollout until stable answers, and nothing once it has', () => {
    const alone = many(3, batch({ requests: 2, errors: 1 }));
    const evidence = errorsAfter(alone);
    expect(evidence.worse_than_limit_since_stable).toBe(evidence.worse_than_limit);
    expect(evidence.requests_since_stable).toBe(6);
    const answered = errorsAfter([...alone, both(0, 0, 1, 1)]);
    expect(answered.worse_than_limit_since_stable).toBeLessThanOrEqual(1);
    expect(answered.requests_since_stable).toBe(0);
  });

  test('stable asked before the canary is beside it', () => {
    expect(errorsAfter([both(0, 0, 1, 1), batch({ requests: 1, errors: 1 })])).toMatchObject({
      requests_since_stable: 0,
    });
  });
});

describe('against the limit, since the shares changed', () => {
  const inShares = (changes: number) => (one: EvidenceBatch) => ({ ...one, changes });
  const outage = many(10, both(5, 3, 5, 3)).map(inShares(1));

  test('what came with other shares is forgotten', () => {
    const calm = many(10, both(10, 0, 0, 0)).map(inShares(2));
    const { worse_than_limit, worse_than_limit_since_weight } = errorsAfter([...outage, ...calm]);
    expect(worse_than_limit).toBeGreaterThan(100);
    expect(worse_than_limit_since_weight).toBeLessThan(1);
  });

  test('the first shares are those of the whole rollout, whenever they were given', () => {
    const { worse_than_limit, worse_than_limit_since_weight } = errorsAfter(outage);
    expect(worse_than_limit_since_weight).toBe(worse_than_limit);
  });
});

describe('the confidence sequence', () => {
  test.each([
    [10, 0],
    [300, 0],
    [40, 13],
    [25, 25],
    [3000, 30],
  ])(
    'of %i requests, %i bad, ends where a numeric integral over Jeffreys’ prior is 20 times the likelihood',
    (requests, bad) => {
      const [lowest, highest] = confidenceSequence({ requests, bad });
      for (const rate of [lowest, highest].filter((one) => one > 0 && one < 1))
        expect(integral(requests, bad, rate)).toBeCloseTo(20, 2);
      expect(lowest).toBeLessThanOrEqual(bad / requests);
      expect(highest).toBeGreaterThanOrEqual(bad / requests);
    },
  );

  test('is unknown without a request, and in percent', () => {
    expect(intervalPercent(0, 0)).toBeUndefined();
    const [lowest, highest] = intervalPercent(1000, 10) ?? [0, 0];
    expect([lowest.toFixed(2), highest.toFixed(2)]).toEqual(['0.24', '2.62']);
  });
});

test('ln Γ agrees with factorials in whole numbers', () => {
  let factorial = 1n;
  for (let n = 1n; n <= 170n; n += 1n) {
    factorial *= n;
    expect(logGamma(Number(n) + 1)).toBeCloseTo(Math.log(Number(factorial)), 9);
  }
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
});

test('the state survives JSON, and stays finite after a thousand million requests', () => {
  const huge = { requests: 1e9, errors: 1e9, slow: 0 };
  const states = [many(3, both(25, 3, 75, 1)), many(3, { canary: huge, stable: { ...huge, errors: 0 } })].map(
    (batches) => after(batches),
  );
  for (const state of states) {
    const again = JSON.parse(JSON.stringify(state)) as EvidenceState;
    expect(again).toEqual(state);
    const next = both(25, 1, 75, 0);
    expect(evidenceFacts(withBatch(again, next))).toEqual(evidenceFacts(withBatch(state, next)));
    expect(finite(evidenceFacts(state).errors) && finite(evidenceFacts(state).slow)).toBe(true);
  }
});

test('slowness has evidence of its own', () => {
  const slow = {
    canary: { requests: 20, errors: 0, slow: 20 },
    stable: { requests: 80, errors: 0, slow: 0 },
  };
  const facts = evidenceFacts(after([slow]));
  expect(facts.slow.worse_than_limit).toBe(MAX_EVIDENCE);
  expect(facts.errors.worse_than_limit).toBeLessThan(1);
});

function alternatives(limit: number): number[] {
  return Array.from({ length: 30 }, (_, index) => limit ** (1 - (index + 0.5) / 30));
}

function ratio(rate: number, limit: number, { requests, errors }: Answers): number {
  return (rate / limit) ** errors * ((1 - rate) / (1 - limit)) ** (requests - errors);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean of what evenly spaced alternatives come to, the stake on each a parabola that is 0 at both ends. */
function staked(values: readonly number[]): number {
  const stakes = values.map((_, index) => (2 * index + 1) * (2 * (values.length - index) - 1));
  const total = stakes.reduce((sum, stake) => sum + stake, 0);
  return values.reduce((sum, value, index) => sum + (value * (stakes[index] ?? 0)) / total, 0);
}

/** Jeffreys' prior is flat in the angle whose squared sine is the rate. */
function integral(requests: number, bad: number, rate: number): number {
  const SLICES = 20_000;
  const parts = Array.from({ length: SLICES }, (_, index) => {
    const other = Math.sin(((index + 0.5) / SLICES) * (Math.PI / 2)) ** 2;
    return (other / rate) ** bad * ((1 - other) / (1 - rate)) ** (requests - bad);
  });
  return average(parts);
}

function finite(evidence: object): boolean {
  return Object.values(evidence).every(
    (value) => Number.isFinite(value) && value >= 0 && value <= MAX_EVIDENCE,
  );
}
