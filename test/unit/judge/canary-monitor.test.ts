/** Who watches canaries gets each one's figures from the proxy's log, the same ones whenever it began to watch. */
import { afterEach, expect, test, vi } from 'vitest';
import { CanaryMonitor } from '../../../src/reconcilers/judge/canary-monitor.js';
import { FakeLog } from '../../support/fake-log.js';
import { judgeLine } from '../../support/judge-line.js';
import { answered, watchedCanary } from '../../support/judge-scene.js';
import { until } from '../../support/until.js';

const T0 = 1_795_285_500_000;
const LATER = T0 + 3_600_000;

let monitors: CanaryMonitor[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(monitors.map((monitor) => monitor.stop()));
  monitors = [];
});

function monitorOf(log: FakeLog): CanaryMonitor {
  const monitor = new CanaryMonitor({ engine: log, onBroken: () => undefined, newsMs: 1 });
  monitors.push(monitor);
  return monitor;
}

function write(log: FakeLog, count: number, from = 0): void {
  for (let index = from; index < from + count; index += 1) {
    const track = index % 4 === 0 ? 'canary' : 'stable';
    log.write(answered(T0 + 50 * index, { track, status: index % 40 === 0 ? 500 : 200 }), T0 + 50 * index);
  }
}

const known = (monitor: CanaryMonitor, service = 'app') =>
  until('the log was read', () => monitor.factsOf(service, LATER));

test('that nothing is told before the log was read up to now', async () => {
  const log = new FakeLog();
  write(log, 40);
  const monitor = monitorOf(log);
  expect(monitor.factsOf('app', LATER)).toBeUndefined();
  monitor.watch([watchedCanary()]);
  expect(monitor.factsOf('app', LATER)).toBeUndefined();
  expect(await known(monitor)).toMatchObject({
    canary: { requests: 10, errors: 1 },
    stable: { requests: 30 },
  });
});

test('that a second monitor tells what the first would have told, had it lived', async () => {
  const log = new FakeLog();
  write(log, 100);
  const first = monitorOf(log);
  first.watch([watchedCanary()]);
  await known(first);
  write(log, 57, 100);
  await first.stop();
  write(log, 143, 157);
  const second = monitorOf(log);
  second.watch([watchedCanary()]);
  const untouched = monitorOf(log);
  untouched.watch([watchedCanary()]);
  await known(second);
  write(log, 100, 300);
  log.repeat(20);
  log.breakOff();
  await until('both follow again', () => log.opened >= 5);
  expect(second.factsOf('app', LATER)).toEqual(untouched.factsOf('app', LATER));
  expect(second.factsOf('app', LATER)).toMatchObject({
    canary: { requests: 100, errors: 10 },
    stable: { requests: 300 },
  });
});

test('that each service gets its own, and lines which are not whole count for nobody', async () => {
  const log = new FakeLog();
  log.write('2026/05/05 20:55:22 [warn] 29#29: a client request body is buffered', T0);
  log.write(answered(T0), T0);
  log.write(answered(T0, { service: 'shop' }), T0 + 1);
  log.write(answered(T0, { service: 'nobody' }), T0 + 2);
  log.write(answered(T0, { status: 500 }), T0 + 3, { isWhole: false });
  log.write(judgeLine({ status: 'forged' }), T0 + 4);
  const monitor = monitorOf(log);
  monitor.watch([watchedCanary(), watchedCanary({ service: 'shop' })]);
  expect((await known(monitor)).canary).toMatchObject({ requests: 1, errors: 0 });
  expect((await known(monitor, 'shop')).canary).toMatchObject({ requests: 1, errors: 0 });
  expect(monitor.unreadableLinesOf('app')).toBe(2);
});

test('that news is told after requests came, once for many, and not for other people’s', async () => {
  const log = new FakeLog();
  const monitor = monitorOf(log);
  const onNews = vi.fn();
  monitor.onNews = onNews;
  monitor.watch([watchedCanary()]);
  await until('it has caught up, and said so', () => onNews.mock.calls.length === 1);
  log.write(answered(T0, { service: 'nobody' }), T0);
  write(log, 40, 1);
  expect(onNews).toHaveBeenCalledTimes(1);
  await until('there is news', () => onNews.mock.calls.length > 1);
  expect(onNews).toHaveBeenCalledTimes(2);
});

test('that news is told when the second that it came in is just over: only then does it count', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: T0 + 900 });
  const log = new FakeLog();
  const monitor = new CanaryMonitor({ engine: log, onBroken: () => undefined });
  monitors.push(monitor);
  const toldAt: number[] = [];
  monitor.onNews = () => toldAt.push(Date.now() - T0);
  monitor.watch([watchedCanary()]);
  await known(monitor);
  for (let atMs = 950; atMs <= 3950; atMs += 50) {
    vi.advanceTimersByTime(50);
    if (atMs < 3000) log.write(answered(T0 + atMs), T0 + atMs);
  }
  expect(toldAt).toEqual([1050, 2050, 3050]);
});

test('that other limits are measured from the rollout’s beginning', async () => {
  const log = new FakeLog();
  write(log, 40);
  const monitor = monitorOf(log);
  monitor.watch([watchedCanary()]);
  expect((await known(monitor)).canary.slow).toBe(0);
  monitor.watch([watchedCanary({ limits: { max_error_percent: 1, slow_ms: 3, max_slow_percent: 1 } })]);
  expect(monitor.factsOf('app', LATER)).toBeUndefined();
  expect((await known(monitor)).canary).toMatchObject({ requests: 10, slow: 10 });
});

test('that figures are kept when the proxy’s container is another', async () => {
  const log = new FakeLog();
  write(log, 40);
  const monitor = monitorOf(log);
  monitor.watch([watchedCanary()]);
  await known(monitor);
  log.dropOldest(40);
  monitor.watch([{ ...watchedCanary(), proxyContainerId: 'another' }]);
  await until('it follows the new one', () => log.opened === 2);
  write(log, 40, 40);
  expect(monitor.factsOf('app', LATER)?.canary.requests).toBe(20);
});

test('that who is not watched any more is forgotten', async () => {
  const log = new FakeLog();
  write(log, 40);
  const monitor = monitorOf(log);
  monitor.watch([watchedCanary()]);
  await known(monitor);
  monitor.watch([]);
  expect(monitor.factsOf('app', LATER)).toBeUndefined();
});
