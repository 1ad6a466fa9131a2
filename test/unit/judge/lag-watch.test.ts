/** A stream that was behind is told from one that is far away, and from a clock that was set. */
import { expect, test } from 'vitest';
import { LagWatch } from '../../../src/reconcilers/judge/lag-watch.js';

/** What is said of lines that come every 100 ms, each as late as told. */
function heard(lags: readonly number[]): boolean[] {
  const watch = new LagWatch();
  return lags.map((lagMs, index) => watch.heard(1000 + 100 * index, 1000 + 100 * index + lagMs));
}

test('that it says so once, when the stream has caught up', () => {
  expect(heard([5, 5, 900, 1200, 3000, 2000, 50, 5])).toEqual([
    ...Array<boolean>(6).fill(false),
    true,
    false,
  ]);
});

test('that an old line before the first new one is no lag', () => {
  expect(heard([3_600_000, 5, 5])).toEqual([false, false, false]);
});

test('that a clock which was set is asked about once, and believed then', () => {
  const said = heard([5, 5, ...Array<number>(300).fill(7000)]);
  expect(said.filter((one) => one)).toHaveLength(1);
  expect(said.indexOf(true)).toBe(2 + 100);
});
