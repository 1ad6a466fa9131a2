import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { GetResult } from '../../../src/probes/health/http-get.js';
import {
  HealthMonitor,
  nextHealth,
  type HealthTarget,
} from '../../../src/reconcilers/observed/health-monitor.js';
import type { ObservedHealth } from '../../../src/reconcilers/observed/world.js';
import { HEALTH } from '../../support/model/stacks.js';

const RETRIES = 3;
const answer = (status: number, headers: Record<string, string> = {}): GetResult => ({
  answered: true,
  status,
  headers,
  body: '',
});
const GOOD = answer(200);
const BAD = answer(500);
const NOTHING = { answered: false, code: 'ETIMEDOUT' } as GetResult;

function after(...answers: readonly GetResult[]): ObservedHealth | undefined {
  return answers.reduce<ObservedHealth | undefined>(
    (before, next) => nextHealth(before, next, { port: 3000, health: HEALTH }),
    undefined,
  );
}

describe('health', () => {
  test.each([
    ['nobody asked', [], undefined],
    ['one good answer', [GOOD], { healthy: true, wasHealthy: true, failuresInARow: 0 }],
    ['a redirect is good', [answer(302)], { healthy: true, wasHealthy: true, failuresInARow: 0 }],
    ['bad from the start', [BAD], { healthy: false, wasHealthy: false, failuresInARow: 1 }],
    ['bad, then good', [BAD, BAD, BAD, BAD, GOOD], { healthy: true, wasHealthy: true, failuresInARow: 0 }],
    ['one slip is none', [GOOD, BAD, BAD], { healthy: true, wasHealthy: true, failuresInARow: 2 }],
    ['three in a row are', [GOOD, BAD, BAD, BAD], { healthy: false, wasHealthy: true, failuresInARow: 3 }],
    ['a good one between starts anew', [GOOD, BAD, BAD, GOOD, BAD], { healthy: true, failuresInARow: 1 }],
  ])('%s', (_what, answers, expected) => {
    const known = after(...answers);
    if (expected === undefined) expect(known).toBeUndefined();
    else expect(known).toMatchObject(expected);
  });

  test.each([
    [NOTHING, 'no answer (ETIMEDOUT)'],
    [answer(404), 'it answered 404'],
    [
      answer(502, { 'x-swiftdeploy-upstream-status': '502' }),
      'it refuses connections to port 3000 or cuts them (asked for /healthz)',
    ],
    [answer(502), 'its name does not resolve'],
    [answer(504), 'it did not answer in time'],
  ])('says why: %#', (bad, words) => expect(after(bad)?.lastFailure).toBe(words));
});

describe('the monitor', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const target = (change: Partial<HealthTarget> = {}): HealthTarget => ({
    containerId: 'a',
    startedAt: 1,
    port: 3000,
    health: HEALTH,
    ...change,
  });

  function monitor(reply: () => GetResult | undefined) {
    const asked: string[] = [];
    const news: (boolean | undefined)[] = [];
    const health = new HealthMonitor(
      ({ containerId }) => {
        asked.push(containerId);
        return Promise.resolve(reply());
      },
      () => news.push(health.known().get('a')?.healthy),
    );
    return { health, asked, news };
  }

  test('looks often while it is not healthy, tells the change, and then keeps to the interval', async () => {
    let reply: GetResult | undefined = BAD;
    const { health, asked, news } = monitor(() => reply);
    health.watch([target()]);
    await vi.advanceTimersByTimeAsync(500);
    expect(asked.length).toBeGreaterThan(5);
    reply = GOOD;
    await vi.advanceTimersByTimeAsync(1000);
    expect(news.at(-1)).toBe(true);
    const before = asked.length;
    await vi.advanceTimersByTimeAsync(10 * HEALTH.intervalMs);
    expect(asked.length - before).toBe(10);
    health.stop();
  });

  test('tells once that a replica was lost', async () => {
    let reply: GetResult | undefined = GOOD;
    const { health, news } = monitor(() => reply);
    health.watch([target()]);
    await vi.advanceTimersByTimeAsync(10);
    news.length = 0;
    reply = NOTHING;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(news).toEqual([false]);
    health.stop();
  });

  test('a proxy that is away says nothing of its replicas', async () => {
    let reply: GetResult | undefined = GOOD;
    const { health, news } = monitor(() => reply);
    health.watch([target()]);
    await vi.advanceTimersByTimeAsync(10);
    news.length = 0;
    reply = undefined;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(health.known().get('a')).toMatchObject({ healthy: true, failuresInARow: 0 });
    expect(news).toEqual([]);
    health.stop();
  });

  test('a hiccup shorter than the interval is no end', async () => {
    let reply: GetResult | undefined = GOOD;
    const { health, news } = monitor(() => reply);
    health.watch([target()]);
    await vi.advanceTimersByTimeAsync(HEALTH.intervalMs / 2);
    news.length = 0;
    reply = NOTHING;
    await vi.advanceTimersByTimeAsync(HEALTH.intervalMs);
    expect(health.known().get('a')?.failuresInARow).toBe(1);
    reply = GOOD;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(news).toEqual([]);
    health.stop();
  });

  test('as many bad answers as it takes, within milliseconds, are no end of what was up before anybody asked', async () => {
    let reply: GetResult | undefined = BAD;
    const { health, asked, news } = monitor(() => reply);
    health.watch([target({ startedAt: Date.now() - HEALTH.deadlineMs })]);
    await vi.advanceTimersByTimeAsync(HEALTH.intervalMs / 2);
    expect(asked.length).toBeGreaterThan(RETRIES);
    expect(health.known().get('a')?.failuresInARow).toBe(1);
    reply = GOOD;
    await vi.advanceTimersByTimeAsync(HEALTH.intervalMs);
    expect(news.at(-1)).toBe(true);
    health.stop();
  });

  test('what was up before anybody asked, and stays silent, is lost after as many intervals as any other', async () => {
    const { health } = monitor(() => NOTHING);
    health.watch([target({ startedAt: Date.now() - HEALTH.deadlineMs })]);
    await vi.advanceTimersByTimeAsync((RETRIES - 1) * HEALTH.intervalMs - 1);
    expect(health.known().get('a')?.failuresInARow).toBeLessThan(RETRIES);
    await vi.advanceTimersByTimeAsync(1.5 * HEALTH.intervalMs);
    expect(health.known().get('a')?.failuresInARow).toBeGreaterThanOrEqual(RETRIES);
    health.stop();
  });

  test('a new start is a new life, and who is not watched is forgotten', async () => {
    let reply: GetResult | undefined = GOOD;
    const { health, asked } = monitor(() => reply);
    health.watch([target()]);
    await vi.advanceTimersByTimeAsync(10);
    expect(health.known().get('a')?.healthy).toBe(true);
    reply = undefined;
    health.watch([target({ startedAt: 2 })]);
    expect(health.known().has('a')).toBe(false);
    health.watch([]);
    asked.length = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toEqual([]);
  });

  test('an answer that comes after its replica was let go changes nothing', async () => {
    const late: ((answer: GetResult) => void)[] = [];
    const news: string[] = [];
    const health = new HealthMonitor(
      () => new Promise((resolve) => late.push(resolve)),
      () => news.push('news'),
    );
    health.watch([target()]);
    await vi.advanceTimersByTimeAsync(1);
    health.watch([]);
    for (const answerNow of late) answerNow(GOOD);
    await vi.advanceTimersByTimeAsync(1000);
    expect([news, health.known().size]).toEqual([[], 0]);
  });
});
