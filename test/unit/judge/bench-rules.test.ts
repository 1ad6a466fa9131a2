/** What the judge is measured against (bench/judge): the rule of others, and what no rule can do better. */
import { expect, test } from 'vitest';
import { leastHarm } from '../../../bench/judge/oracle.js';
import { binomial, randomFrom } from '../../../bench/judge/random.js';
import { RIVALS, runRival } from '../../../bench/judge/rivals.js';
import { SCENARIOS, type Scenario } from '../../../bench/judge/scenario.js';

const ALARM = { limit: 0.01, odds: 100 };

function scenario(name: string): Scenario {
  const found = SCENARIOS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no row ${name}`);
  return found;
}

function flagger(name: string) {
  const rule = RIVALS.find((rival) => rival.name === 'Flagger');
  if (rule === undefined) throw new Error('no Flagger');
  return runRival(rule, scenario(name), 1);
}

test('Flagger’s rule rolls back where the check after the fifth failed one would be, and where nobody comes, too', () => {
  expect(flagger('100 % errors').rolledBackAt).toBe(360);
  expect(flagger('nobody comes').rolledBackAt).toBe(360);
});

test('Flagger’s rule goes a step further with each check that passes, and passes after the last', () => {
  expect(flagger('0.1 % errors')).toMatchObject({ firstAdvanceAt: 60, passedAt: 180 });
});

test('the oracle needs one request where all fail, and nothing is known of bursts and of good versions', () => {
  expect(leastHarm(scenario('100 % errors'), ALARM)).toBeCloseTo(1.001, 9);
  expect(leastHarm(scenario('5 % errors, in bursts of 1 s at 50 %'), ALARM)).toBeUndefined();
  expect(leastHarm(scenario('0.5 % errors'), ALARM)).toBeUndefined();
});

test('the likelihood ratio of the true rate, looked at after each request, needs what the bound says and its last step', () => {
  for (const rate of [0.05, 0.2]) {
    const bound = leastHarm(scenario(`${String(100 * rate)} % errors`), ALARM) ?? Infinity;
    const bad = Array.from({ length: 2000 }, (_, seed) => failuresUntilTold(rate, seed));
    const mean = bad.reduce((sum, one) => sum + one, 0) / bad.length;
    expect(mean).toBeGreaterThan((bound * rate) / (rate + 0.001));
    expect(mean).toBeLessThan(bound + 1);
  }
});

/** Requests that fail until the odds for this rate against the limit are reached. */
function failuresUntilTold(rate: number, seed: number): number {
  const random = randomFrom(seed);
  let logOdds = 0;
  let failures = 0;
  while (logOdds < Math.log(ALARM.odds)) {
    const failed = binomial(random, 1, rate);
    failures += failed;
    logOdds += Math.log(failed === 1 ? rate / ALARM.limit : (1 - rate) / (1 - ALARM.limit));
  }
  return failures;
}
