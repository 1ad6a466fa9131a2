import { describe, expect, test } from 'vitest';
import type { CanaryStep } from '../../../src/reconcilers/desired/stack-spec.js';
import { service } from '../../support/model/stacks.js';
import {
  advance,
  isLast,
  raiseOf,
  rolloutOf,
  servedAt,
  stepNumber,
  type CanaryVerdict,
} from '../../../src/reconcilers/plan/rollout.js';
import type { Rollout } from '../../../src/reconcilers/plan/memory.js';

const ADVANCE: CanaryVerdict = { verdict: 'advance', words: '' };
const HASH = 'a'.repeat(64);

function share(weight: number, holdMs = 1000): CanaryStep {
  return { kind: 'share', weight, holdMs };
}

const PAUSE: CanaryStep = { kind: 'pause' };
const ENDED: CanaryStep = { kind: 'pause', ended: true };

function by(...steps: CanaryStep[]) {
  return { canary: { steps, sticky: 'cookie', replicas: 1, warmupMs: 0, deadlineMs: 60_000 } } as const;
}

/** Where a rollout by `spec` stands that has had a share since 7. */
function at(spec: ReturnType<typeof by>, step: number, since?: number): Rollout {
  const weight = spec.canary.steps.slice(0, step + 1).findLast(({ kind }) => kind === 'share');
  return {
    specHash: HASH,
    step,
    weight: weight?.kind === 'share' ? weight.weight : 0,
    paused: spec.canary.steps[step]?.kind === 'pause',
    ...(since === undefined ? {} : { since }),
    startedAt: 7,
  };
}

describe('the steps of a rollout', () => {
  test('without any, the canary gets everything at once', () => {
    expect(rolloutOf({}, HASH, {})).toEqual({ specHash: HASH, step: 0, weight: 100, paused: false });
  });

  test('begin at the first one', () => {
    expect(rolloutOf(by(share(5), share(50)), HASH, {})).toMatchObject({ step: 0, weight: 5 });
  });

  test('begin anew with another spec', () => {
    const spec = by(share(5), share(50));
    expect(rolloutOf(spec, 'b'.repeat(64), { rollout: at(spec, 1, 5) })).toEqual({
      specHash: 'b'.repeat(64),
      step: 0,
      weight: 5,
      paused: false,
    });
  });

  test.each([
    ['held and allowed', 1000, ADVANCE, 1],
    ['allowed too early', 999, ADVANCE, 0],
    ['held and not allowed', 5000, { verdict: 'hold', words: '' } as const, 0],
    ['held, with nobody who says', 5000, undefined, 0],
    ['held and undecided', 5000, { verdict: 'inconclusive', words: '' } as const, 0],
  ])('%s', (_, now, verdict, step) => {
    const spec = by(share(5), share(50));
    expect(advance(at(spec, 0, 0), spec, { now, verdict }).step).toBe(step);
  });

  test('are not left before their share was served', () => {
    const spec = by(share(5, 0), share(50));
    expect(advance(rolloutOf(spec, HASH, {}), spec, { now: 9, verdict: ADVANCE }).step).toBe(0);
  });

  test('end with the last, where the canary stays', () => {
    const spec = by(share(5), share(50));
    const last = at(spec, 1, 0);
    expect(advance(last, spec, { now: 1e9, verdict: ADVANCE })).toBe(last);
  });

  test('are counted from when their share was served', () => {
    expect(servedAt(rolloutOf(by(share(5)), HASH, {}), 7)).toMatchObject({ since: 7, startedAt: 7 });
    expect(servedAt(servedAt(rolloutOf(by(share(5)), HASH, {}), 7), 9)).toMatchObject({ since: 7 });
    const spec = by(share(5), share(50));
    const next = advance(servedAt(rolloutOf(spec, HASH, {}), 7), spec, {
      now: 2000,
      verdict: ADVANCE,
    });
    expect(next).toEqual({
      specHash: HASH,
      step: 1,
      weight: 50,
      paused: false,
      startedAt: 7,
      changes: [7],
    });
  });

  test('remember each change of the share, which a pause is not', () => {
    const spec = by(share(5), PAUSE, share(50));
    const paused = advance(servedAt(rolloutOf(spec, HASH, {}), 7), spec, { now: 2000, verdict: ADVANCE });
    expect(paused).toMatchObject({ paused: true, since: 2000, changes: [7] });
    const ended = rolloutOf(by(share(5), share(50)), HASH, { rollout: paused });
    expect(servedAt(ended, 3000)).toMatchObject({ weight: 50, since: 3000, changes: [7, 3000] });
  });
});

describe('a pause', () => {
  const paused = by(share(5), PAUSE, share(50));

  test('keeps the share of the step before it', () => {
    expect(rolloutOf(paused, HASH, { rollout: at(paused, 1, 0) })).toMatchObject({
      step: 1,
      weight: 5,
      paused: true,
    });
    expect(rolloutOf(by(PAUSE, share(5)), HASH, {})).toMatchObject({ weight: 0, paused: true });
  });

  test('is not ended by a policy', () => {
    const waiting = at(paused, 1, 0);
    expect(advance(waiting, paused, { now: 1e9, verdict: ADVANCE })).toBe(waiting);
  });

  test.each([
    ['taking it away', by(share(5), share(50))],
    ['saying so', by(share(5), ENDED, share(50))],
  ])('is ended by %s', (_how, edited) => {
    expect(rolloutOf(edited, HASH, { rollout: at(paused, 1, 0) })).toMatchObject({
      weight: 50,
      paused: false,
    });
  });

  test('that ends moves the canary on by one number, and changes no count', () => {
    const waiting = at(paused, 1, 0);
    const ended = by(share(5), ENDED, share(50));
    expect(stepNumber(waiting, paused)).toEqual({ step: 2, steps: 3 });
    expect(stepNumber(rolloutOf(ended, HASH, { rollout: waiting }), ended)).toEqual({ step: 3, steps: 3 });
  });

  test('that ended before it was reached has a number, and nobody stands there', () => {
    const edited = by(share(5), ENDED, share(25), share(50));
    const first = servedAt(rolloutOf(edited, HASH, {}), 7);
    expect(stepNumber(first, edited)).toEqual({ step: 1, steps: 4 });
    const second = advance(first, edited, { now: 2000, verdict: ADVANCE });
    expect(second.weight).toBe(25);
    expect(stepNumber(second, edited)).toEqual({ step: 3, steps: 4 });
  });

  test('at the end leaves the canary at the last number when it ends', () => {
    const ended = by(share(5), ENDED);
    const waiting = at(by(share(5), PAUSE), 1, 0);
    expect(stepNumber(waiting, by(share(5), PAUSE))).toEqual({ step: 2, steps: 2 });
    expect(stepNumber(rolloutOf(ended, HASH, { rollout: waiting }), ended)).toEqual({ step: 2, steps: 2 });
  });

  test('and without any step there is one', () =>
    expect(stepNumber({ step: 0, weight: 100, paused: false }, by(ENDED))).toEqual({ step: 1, steps: 1 }));

  test('that was the last step leaves the canary where it is', () => {
    expect(rolloutOf(by(share(5)), HASH, { rollout: at(by(share(5), PAUSE), 1, 0) })).toMatchObject({
      step: 0,
      weight: 5,
    });
  });
});

describe('an edit of the steps', () => {
  const steps = by(share(5), share(25), share(50));
  const before = { rollout: at(steps, 1, 7), canary: service(steps) };

  test.each([
    ['after it changes nothing', by(share(5), share(25), share(80)), { step: 1, weight: 25, since: 7 }],
    ['a step put before it moves it along', by(share(5), share(10), share(25)), { step: 2, weight: 25 }],
    ['its own share raised waits', by(share(5), share(30), share(50)), { step: 1, weight: 25, since: 7 }],
    ['its own share lowered', by(share(5), share(15), share(50)), { step: 1, weight: 15 }],
    ['all others lower: the last one', by(share(5), share(20)), { step: 1, weight: 20 }],
    ['a pause in its place: the step before', by(share(5), PAUSE, share(90)), { step: 0, weight: 5 }],
    ['others altogether: no more than it had', by(share(10), PAUSE, share(90)), { step: 0, weight: 10 }],
    ['others, two of them with less', by(share(1), share(20), share(90)), { step: 1, weight: 20 }],
    ['others, all with more: the first, which waits', by(share(40), share(90)), { step: 0, weight: 25 }],
    ['no steps any more: everything, which waits', {}, { step: 0, weight: 25 }],
  ])('%s', (_, spec, place) => {
    expect(rolloutOf(spec, HASH, before)).toMatchObject({ specHash: HASH, startedAt: 7, ...place });
  });

  describe.each([
    ['its own share raised', by(share(5), share(30)), { step: 1, weight: 30 }],
    ['its only step raised', by(share(90)), { step: 0, weight: 90 }],
    ['no steps any more', {}, { step: 0, weight: 100 }],
  ])('%s', (_, spec, place) => {
    const waiting = servedAt(rolloutOf(spec, HASH, before), 8);

    test('is taken when the policies say advance and its time is over, and counts its own time', () => {
      expect(isLast(waiting, spec)).toBe(false);
      expect(raiseOf(waiting, spec)).toBe(place.weight);
      const taken = advance(waiting, spec, { now: 5000, verdict: ADVANCE });
      expect(taken).toMatchObject({ ...place, startedAt: 7 });
      expect(taken.since).toBeUndefined();
      expect(raiseOf(taken, spec)).toBeUndefined();
      expect(isLast(taken, spec)).toBe(true);
    });

    test.each([undefined, 'hold', 'inconclusive', 'rollback'] as const)('is not at %s', (verdict) => {
      const look = { now: 5000, verdict: verdict && { verdict, words: '' } };
      expect(advance(waiting, spec, look)).toBe(waiting);
    });

    test('stays where it is, tick after tick', () => {
      const known = { rollout: waiting, canary: service(spec) };
      expect(rolloutOf(spec, HASH, known)).toEqual(waiting);
    });
  });

  test('before it had anything, more is its beginning', () => {
    const nothing = { rollout: at(by(share(0), share(50)), 0, 7), canary: service(by(share(0), share(50))) };
    expect(rolloutOf(by(share(25)), HASH, nothing)).toMatchObject({ step: 0, weight: 25 });
  });

  test('steps where there were none go on from the last with less', () => {
    const all = { specHash: HASH, step: 0, weight: 100, paused: false, since: 7, startedAt: 7 };
    const known = { rollout: all, canary: service() };
    expect(rolloutOf(by(share(10), share(80)), HASH, known)).toMatchObject({ step: 1, weight: 80 });
  });
});
