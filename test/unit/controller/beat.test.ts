import { describe, expect, test } from 'vitest';
import { toNextBeat } from '../../../src/controller/beat.js';

describe('periodic looks meet at a beat', () => {
  test('whenever they began, they are due at whole beats of a fifth of their period', () => {
    const due = [0, 300, 999, 1400].map((now) => now + toNextBeat(5000, now));
    expect(due).toEqual([5000, 5000, 6000, 6000]);
  });

  test('beats are at most 2 s apart, so that long periods meet short ones', () => {
    const due = [100, 4900].map((now) => now + toNextBeat(60_000, now));
    expect(due).toEqual([60_000, 64_000]);
  });

  test('no look is early or late by more than a tenth of its period', () => {
    for (let now = 0; now < 5000; now += 37)
      for (const period of [20, 500, 2000, 10_000])
        expect(Math.abs(toNextBeat(period, now) - period)).toBeLessThanOrEqual(period / 10 + 1e-6);
  });

  test('who asks at a beat is due at one a whole period later', () =>
    expect(toNextBeat(10_000, 20_000)).toBe(10_000));
});
