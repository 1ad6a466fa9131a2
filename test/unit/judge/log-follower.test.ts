/** A log is told once, in order, whatever happens to the stream. */
import { afterEach, describe, expect, test } from 'vitest';
import { Backoff } from '../../../src/controller/backoff.js';
import { LogFollower } from '../../../src/reconcilers/judge/log-follower.js';
import { FakeLog } from '../../support/fake-log.js';
import { until } from '../../support/until.js';

const T0 = Date.parse('2026-05-05T20:55:22.000Z');

let followers: LogFollower[] = [];
afterEach(async () => {
  await Promise.all(followers.map((follower) => follower.stop()));
  followers = [];
});

interface Following {
  readonly sinceMs?: number;
  readonly silenceMs?: number;
  readonly now?: () => number;
}

function follow(log: FakeLog, { sinceMs = 0, silenceMs = 60_000, now = () => 0 }: Following = {}) {
  const told: string[] = [];
  const broken: unknown[] = [];
  let caughtUp = 0;
  const follower = new LogFollower({
    engine: log,
    containerId: 'proxy',
    sinceMs,
    silenceMs,
    now,
    backoff: new Backoff({ baseMs: 1, maxMs: 1 }),
    onLine: ({ text }) => told.push(text),
    onCaughtUp: () => (caughtUp += 1),
    onBroken: (error) => broken.push(error),
  });
  followers.push(follower);
  return { told, broken, follower, caughtUp: () => caughtUp };
}

const opened = (log: FakeLog, times: number) => until('somebody follows', () => log.opened >= times);

test('that it tells what was there, says so once, and goes on', async () => {
  const log = new FakeLog();
  log.write('a', T0);
  log.write('b', T0 + 1);
  const { told, caughtUp } = follow(log);
  expect(caughtUp()).toBe(0);
  await opened(log, 1);
  expect([told, caughtUp()]).toEqual([['a', 'b'], 1]);
  log.write('c', T0 + 2);
  expect(told).toEqual(['a', 'b', 'c']);
});

test('that what is older is left out, to the millisecond', async () => {
  const log = new FakeLog();
  log.write('a', T0 - 1);
  log.write('b', T0);
  const { told } = follow(log, { sinceMs: T0 });
  await opened(log, 1);
  expect(told).toEqual(['b']);
});

describe('that no line is doubled or dropped', () => {
  test('when the stream breaks, and the last line has the moment of another', async () => {
    const log = new FakeLog();
    const { told, broken } = follow(log);
    await opened(log, 1);
    log.write('a', T0);
    log.write('b', T0 + 1, { ns: 500 });
    log.write('c', T0 + 1, { ns: 500 });
    log.breakOff();
    log.write('d', T0 + 1, { ns: 500 });
    log.write('e', T0 + 2);
    await opened(log, 2);
    expect(told).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(broken).toHaveLength(1);
  });

  test('when the container stops and starts again', async () => {
    const log = new FakeLog();
    const { told, broken } = follow(log);
    await opened(log, 1);
    log.write('a', T0);
    log.end();
    log.write('b', T0 + 5);
    await opened(log, 2);
    expect([told, broken]).toEqual([['a', 'b'], []]);
  });

  test('when the Engine tells lines again after a rotation', async () => {
    const log = new FakeLog();
    const { told } = follow(log);
    await opened(log, 1);
    for (let line = 0; line < 20; line += 1) log.write(String(line), T0 + line);
    log.repeat(7);
    log.write('20', T0 + 20);
    expect(told).toEqual(Array.from({ length: 21 }, (_, line) => String(line)));
  });

  test('when the oldest lines are gone before it comes back', async () => {
    const log = new FakeLog();
    const { told } = follow(log);
    await opened(log, 1);
    log.write('a', T0);
    log.write('b', T0 + 1);
    log.breakOff();
    log.dropOldest(2);
    log.write('c', T0 + 2);
    await opened(log, 2);
    expect(told).toEqual(['a', 'b', 'c']);
  });

  test('when the clock of the engine is set back', async () => {
    const log = new FakeLog();
    const { told } = follow(log);
    await opened(log, 1);
    log.write('a', T0);
    log.write('b', T0 + 9000);
    log.write('c', T0 + 1000);
    log.breakOff();
    log.write('d', T0 + 2000);
    await opened(log, 2);
    expect(told).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('that what a stream passes over while it is behind', () => {
  /** Lines of every 100 ms; from the 20th on they come 3 s late, the 30th to 39th not at all, and from the 50th on in time. */
  async function lag(log: FakeLog, after: (index: number) => void = () => undefined): Promise<string[]> {
    const clock = { ms: 0 };
    const { told } = follow(log, { now: () => clock.ms });
    await opened(log, 1);
    for (let index = 0; index < 60; index += 1) {
      const isLate = index >= 20 && index < 50;
      clock.ms = 5000 + 100 * index + (isLate ? 3000 : 0);
      log.write(String(index), T0 + 100 * index, { isPassedOver: index >= 30 && index < 40 });
      after(index);
    }
    await opened(log, 2);
    return told;
  }

  const ALL = Array.from({ length: 60 }, (_, line) => String(line));
  const inOrder = (told: readonly string[]) => [...told].sort((a, b) => Number(a) - Number(b));

  test('is told when it has caught up, and nothing twice', async () => {
    const told = await lag(new FakeLog());
    expect(told.slice(0, 30)).toEqual(ALL.slice(0, 30));
    expect(inOrder(told)).toEqual(ALL);
  });

  test('is told also when that reading breaks first', async () => {
    const log = new FakeLog();
    const told = await lag(log, (index) => index === 50 && log.refuseNext());
    expect(inOrder(told)).toEqual(ALL);
  });

  test('is not looked for where only the clocks differ', async () => {
    const log = new FakeLog();
    const { told } = follow(log, { now: () => 9_000_000 });
    await opened(log, 1);
    for (let index = 0; index < 20; index += 1) log.write(String(index), T0 + index);
    await Promise.resolve();
    expect([told.length, log.opened]).toEqual([20, 1]);
  });
});

test('that a stream which says nothing for long is followed anew', async () => {
  const log = new FakeLog();
  const { told, broken } = follow(log, { silenceMs: 1 });
  await opened(log, 3);
  log.write('a', T0);
  await opened(log, log.opened + 2);
  expect([told, broken]).toEqual([['a'], []]);
});

test('that nothing is told after it was stopped', async () => {
  const log = new FakeLog();
  const { told, follower } = follow(log);
  await opened(log, 1);
  await follower.stop();
  log.write('a', T0);
  expect(told).toEqual([]);
});
