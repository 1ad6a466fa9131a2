/** The published names tell the canary's last 30 seconds, and nothing where there was nothing. */
import { expect, test } from 'vitest';
import type { Attempt } from '../../../src/reconcilers/judge/attempt.js';
import { RecentView } from '../../../src/reconcilers/judge/recent-view.js';
import { markOf } from '../../../src/reconcilers/judge/track-tally.js';

const T0 = 1_795_285_500_000;
const NOTHING_LEFT_OUT = () => false;

function view(attempts: readonly (Partial<Attempt> & { atMs: number })[]): RecentView {
  const recent = new RecentView();
  for (const change of attempts) {
    const attempt: Attempt = { service: 'app', track: 'canary', outcome: 'ok', durationMs: 10, ...change };
    recent.add(attempt, markOf(attempt, 500));
  }
  return recent;
}

test('that without a request there is no rate and no percentile', () => {
  expect(view([]).facts(T0, NOTHING_LEFT_OUT)).toEqual({ window_seconds: 30, requests: 0 });
});

test('that errors and the slowest are told', () => {
  const recent = view([
    ...Array.from({ length: 97 }, (_, index) => ({ atMs: T0 + 100 * index })),
    { atMs: T0 + 1, outcome: 'app' as const },
    { atMs: T0 + 2, outcome: 'connect' as const, durationMs: 0 },
    { atMs: T0 + 3, durationMs: 2000 },
    { atMs: T0 + 3, outcome: 'aborted' as const },
  ]);
  const facts = recent.facts(T0 + 10_000, NOTHING_LEFT_OUT);
  expect(facts).toMatchObject({ requests: 100, error_rate_percent: 2, error_rate: 0.02, window_seconds: 30 });
  expect(facts.p99_latency_ms).toBeGreaterThan(9.5);
  expect(facts.p99_latency_ms).toBeLessThan(10.5);
});

test('that a second leaves after thirty, also when no other came', () => {
  const recent = view([{ atMs: T0 }, { atMs: T0 + 5000 }, { atMs: T0 + 65_000 }]);
  expect(recent.facts(T0 + 65_000, NOTHING_LEFT_OUT).requests).toBe(1);
  const quiet = view([{ atMs: T0 }, { atMs: T0 + 5000 }]);
  expect(quiet.facts(T0 + 29_999, NOTHING_LEFT_OUT).requests).toBe(2);
  expect(quiet.facts(T0 + 30_000, NOTHING_LEFT_OUT).requests).toBe(1);
  expect(quiet.facts(T0 + 35_000, NOTHING_LEFT_OUT).requests).toBe(0);
});

test('that a line which is older than all of them is not taken for a new one', () => {
  const recent = view([{ atMs: T0 + 31_000 }, { atMs: T0 }]);
  expect(recent.facts(T0 + 31_000, NOTHING_LEFT_OUT).requests).toBe(1);
});

test('that what is left out is left out here too', () => {
  const recent = view([{ atMs: T0 }, { atMs: T0 + 1000 }]);
  expect(recent.facts(T0 + 1000, (second) => second === T0 / 1000).requests).toBe(1);
});
