/** The rules that others use, on the same simulated traffic. */
import type { WindowTally } from '../../src/reconcilers/judge/canary-facts.js';
import { Progress, type Outcome, type Step } from './outcome.js';
import { HOLD_SECONDS, type Scenario } from './scenario.js';
import { Traffic } from './traffic.js';

const MAX_PART = 0.01;
const NOBODY: WindowTally = { requests: 0, errors: 0, slow: 0 };

/** Sees the canary's last second; remembers what it needs. */
type Rule = (now: number, second: WindowTally) => Step;

export interface Rival {
  readonly name: string;
  readonly rule: () => Rule;
}

export const RIVALS: readonly Rival[] = [
  { name: 'Flagger', rule: flagger },
  { name: 'one strike', rule: oneStrike },
  { name: 'fixed interval', rule: fixedInterval },
];

export function runRival({ rule }: Rival, scenario: Scenario, seed: number): Outcome {
  const progress = new Progress(scenario);
  const traffic = new Traffic(scenario, seed);
  const decide = rule();
  for (let now = 1; now <= scenario.horizonSeconds && !progress.isOver && !progress.hasPassed; now += 1) {
    const { canary } = traffic.at(now - 1, progress.weight);
    progress.count(now, canary.requests, canary.errors + canary.slow);
    progress.take(now, decide(now, canary));
  }
  return progress.end();
}

/**
 * fluxcd/flagger, pkg/controller/scheduler.go (advanceCanary): every interval one check of the last interval; a failed one, or one
 * without values, adds to a counter that nothing resets. The counter is compared with the threshold before the check, so whoever fails
 * the fifth check is rolled back where the sixth would have been. Interval, threshold and last weight are those of its own examples.
 */
function flagger(): Rule {
  const INTERVAL_SECONDS = 60;
  const THRESHOLD = 5;
  let failedChecks = 0;
  let window = NOBODY;
  return (now, second) => {
    window = plus(window, second);
    if (now % INTERVAL_SECONDS !== 0) return 'stay';
    if (failedChecks >= THRESHOLD) return 'rollback';
    const failed = window.requests === 0 || isOver(window);
    window = NOBODY;
    if (!failed) return 'advance';
    failedChecks += 1;
    return 'stay';
  };
}

/** A look at each 100 requests, ten looks; one above the limit is the end. */
function oneStrike(): Rule {
  const LOOK = 100;
  const LOOKS = 10;
  let looks = 0;
  let window = NOBODY;
  return (_now, second) => {
    window = plus(window, second);
    if (window.requests < LOOK || looks === LOOKS) return 'stay';
    const failed = isOver(window);
    window = NOBODY;
    looks += 1;
    if (failed) return 'rollback';
    return looks === LOOKS ? 'advance' : 'stay';
  };
}

/** Wilson's 95 % interval of everything so far, looked at every second as if it were the only look. */
function fixedInterval(): Rule {
  let all = NOBODY;
  let atWeight = 0;
  return (_now, second) => {
    all = plus(all, second);
    atWeight += 1;
    if (Math.max(wilsonLow(all.errors, all.requests), wilsonLow(all.slow, all.requests)) > MAX_PART)
      return 'rollback';
    if (atWeight < HOLD_SECONDS || isOver(all) || all.requests === 0) return 'stay';
    atWeight = 0;
    return 'advance';
  };
}

function isOver({ requests, errors, slow }: WindowTally): boolean {
  return errors > MAX_PART * requests || slow > MAX_PART * requests;
}

/** One-sided as a rollback is: 95 % below. */
function wilsonLow(bad: number, requests: number): number {
  const Z = 1.645;
  if (requests === 0) return 0;
  const part = bad / requests;
  const spread = Z * Math.sqrt((part * (1 - part)) / requests + (Z * Z) / (4 * requests * requests));
  return (part + (Z * Z) / (2 * requests) - spread) / (1 + (Z * Z) / requests);
}

function plus(a: WindowTally, b: WindowTally): WindowTally {
  return { requests: a.requests + b.requests, errors: a.errors + b.errors, slow: a.slow + b.slow };
}
