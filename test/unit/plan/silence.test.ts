/** How long a part has said nothing, and since when that counts. */
import { expect, test } from 'vitest';
import { silence } from '../../../src/reconcilers/plan/plan-infrastructure.js';

test('a part that runs and says nothing hangs after a while', () => {
  expect(silence({ now: 14_000 }, 10_000)).toEqual({});
  expect(silence({ now: 15_000 }, 10_000)).toEqual({ unhealthy: 'it runs and has said nothing for 5 s' });
});

test('what was silent before it was started anew has as long again', () => {
  expect(silence({ now: 22_000 }, 1000, { startedAt: 20_000 })).toEqual({});
  expect(silence({ now: 25_000 }, 1000, { startedAt: 20_000 })).toEqual({
    unhealthy: 'it runs and has said nothing for 5 s',
  });
});

test('what never answered yet is given a minute to start, whoever looks', () => {
  const life = { startedAt: 20_000, hasAnswered: false };
  expect(silence({ now: 79_000 }, 21_000, life)).toEqual({});
  expect(silence({ now: 80_000 }, 21_000, life)).toEqual({
    unhealthy: 'it runs and has said nothing for 59 s',
  });
  expect(silence({ now: 200_000 }, 196_000, life)).toEqual({});
  expect(silence({ now: 201_000 }, 196_000, life)).toEqual({
    unhealthy: 'it runs and has said nothing for 5 s',
  });
});
