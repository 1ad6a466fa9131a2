/** What the log says of a rollout, track by track and second by second. */
import { describe, expect, test } from 'vitest';
import { CanaryBook, SETTLE_MS, type RolloutContext } from '../../../src/reconcilers/judge/canary-book.js';
import { parseJudgeLine } from '../../../src/reconcilers/judge/parse-judge-log.js';
import { judgeLine, nginxTime } from '../../support/judge-line.js';
import { answered, watchedCanary, type Answer } from '../../support/judge-scene.js';

const T0 = 1_795_285_500_000;
const LATER = T0 + 3_600_000;

function bookOf(lines: readonly string[], context: Partial<RolloutContext> = {}): CanaryBook {
  const book = new CanaryBook(watchedCanary(context));
  for (const line of lines) read(book, line);
  return book;
}

function read(book: CanaryBook, line: string): void {
  const request = parseJudgeLine(line);
  if (request === undefined) throw new Error(`not a line of the judge: ${line}`);
  book.add(request);
}

const times = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index));

test('that an answer which nginx says was broken off counts against who made it, and no other', () => {
  const book = bookOf([]);
  book.addMessage(
    '2026/11/29 14:30:00 [error] 30#30: *8 upstream prematurely closed connection while reading upstream, client: 172.17.0.1, server: , request: "GET / HTTP/1.1"',
  );
  for (const connection of ['7', '8', '8']) read(book, answered(T0, { connection }));
  expect(book.facts(LATER).canary).toMatchObject({
    requests: 3,
    errors: 1,
    errors_by_origin: { gateway: 1 },
  });
});

test('that people see nothing of before the bake in its recent figures', () => {
  const bake = { bakeSinceMs: T0 + 5000 };
  const lines = times(10, (index) => answered(T0 + index * 1000, index >= 5 ? { status: 500 } : {}));
  expect(bookOf(lines, bake).facts(T0 + 10_000).recent).toMatchObject({
    requests: 5,
    error_rate_percent: 100,
  });
});

test('that every attempt which the canary failed counts against it, and the one which saved the user for stable', () => {
  const saved = judgeLine({
    endedAt: nginxTime(T0),
    upstreamAddress: '10.0.0.5:3000, 10.0.0.3:3000',
    upstreamStatus: '502, 200',
    upstreamConnectTime: '-, 0.000',
    upstreamHeaderTime: '-, 0.002',
    upstreamResponseTime: '0.000, 0.002',
    upstreamResponseLength: '0, 94',
  });
  const { canary, stable } = bookOf([saved, saved, answered(T0, { track: 'stable' })]).facts(LATER);
  expect(canary).toMatchObject({ requests: 2, errors: 2, errors_by_origin: { connect: 2 } });
  expect(canary.error_rate_percent).toBe(100);
  expect(stable).toMatchObject({ requests: 3, errors: 0 });
});

test('that slow and failed are counted apart, and who left only as such', () => {
  const lines = [
    answered(T0, { seconds: '0.500' }),
    answered(T0, { seconds: '0.501' }),
    answered(T0, { status: 500, seconds: '0.700' }),
    judgeLine({ endedAt: nginxTime(T0), completion: '' }),
  ];
  expect(bookOf(lines).facts(LATER).canary).toMatchObject({
    requests: 3,
    errors: 1,
    slow: 2,
    client_aborts: 1,
    slow_interval_percent: [expect.any(Number), expect.any(Number)],
  });
});

test('that a canary which hangs is slow, though every user loses patience before the proxy does', () => {
  const gaveUp = judgeLine({
    endedAt: nginxTime(T0),
    status: '499',
    completion: '',
    upstreamStatus: '-',
    upstreamHeaderTime: '-',
    upstreamResponseTime: '0.501',
    upstreamResponseLength: '0',
    contentLength: '-',
  });
  const { canary } = bookOf([gaveUp]).facts(LATER);
  expect(canary).toMatchObject({ requests: 1, errors: 0, slow: 1, client_aborts: 1 });
});

test('that without a request there is no rate', () => {
  const { canary, stable, windows, lastRequestAtMs } = bookOf([]).facts(LATER);
  expect(canary).toEqual({
    requests: 0,
    errors: 0,
    errors_by_origin: { app: 0, connect: 0, timeout: 0, gateway: 0 },
    client_aborts: 0,
    slow: 0,
    restarts: 0,
    oom_kills: 0,
  });
  expect([stable?.requests, windows, lastRequestAtMs]).toEqual([0, [], undefined]);
});

test('that a track’s restarts are told with it, and nothing of a stable version that is not there', () => {
  const troubles = { canary: { restarts: 3, oomKills: 1 }, stable: { restarts: 0, oomKills: 0 } };
  const facts = bookOf([answered(T0)], { troubles, hasStable: false }).facts(LATER);
  expect(facts.canary).toMatchObject({ restarts: 3, oom_kills: 1 });
  expect(facts).not.toHaveProperty('stable');
  expect(facts.windows).toEqual([{ seconds: 1, canary: { requests: 1, errors: 0, slow: 0 } }]);
});

describe('that it leaves out', () => {
  test('what came before the canary was warm', () => {
    const lines = [answered(T0 - 1, { status: 500 }), answered(T0)];
    expect(bookOf(lines, { sinceMs: T0 }).facts(LATER).canary).toMatchObject({ requests: 1, errors: 0 });
  });

  test('the seconds of a weight change, in everything that it tells', () => {
    const lines = times(60, (index) =>
      answered(T0 + 100 * index, { status: index >= 20 && index < 30 ? 500 : 200 }),
    );
    const { canary, windows, recent } = bookOf(lines, { changedAtMs: [T0 + 2000] }).facts(T0 + 6000);
    expect(SETTLE_MS).toBe(1000);
    expect(canary).toMatchObject({ requests: 50, errors: 0 });
    expect(windows.map((window) => window.canary.requests)).toEqual([10, 10, 10, 10, 10]);
    expect(recent).toMatchObject({ requests: 50, error_rate: 0 });
  });

  test('the same, whether it heard of the change before the requests or after them', () => {
    const lines = times(100, (index) => answered(T0 + 100 * index, { status: index % 7 === 0 ? 500 : 200 }));
    const before = bookOf(lines, { changedAtMs: [T0 + 5500] });
    const after = bookOf(lines);
    after.update(watchedCanary({ changedAtMs: [T0 + 5500] }));
    expect(after.facts(LATER)).toEqual(before.facts(LATER));
    expect(after.facts(LATER).canary.requests).toBe(80);
  });

  test('an earlier change as well as the last', () => {
    const book = bookOf(
      times(100, (index) => answered(T0 + 100 * index)),
      { changedAtMs: [T0] },
    );
    book.update(watchedCanary({ changedAtMs: [T0 + 5000] }));
    expect(book.facts(LATER).canary.requests).toBe(80);
  });

  test('the same after a restart, which remembers all changes', () => {
    const lines = times(100, (index) => answered(T0 + 100 * index));
    expect(bookOf(lines, { changedAtMs: [T0, T0 + 5000] }).facts(LATER).canary.requests).toBe(80);
  });
});

describe('that windows', () => {
  test('are the last twenty seconds in which the canary had requests', () => {
    const stable = (index: number) => answered(T0 + 1000 * index + 1, { track: 'stable' });
    const canary = (index: number) => answered(T0 + 2000 * index, { status: index === 29 ? 500 : 200 });
    const lines = [
      ...times(60, stable).flatMap((line, index) => (index % 2 === 0 ? [canary(index / 2), line] : [line])),
    ];
    const { windows } = bookOf(lines).facts(LATER);
    expect(windows).toHaveLength(20);
    expect(windows.every((window) => window.canary.requests === 1 && window.stable?.requests === 2)).toBe(
      true,
    );
    expect(windows.map((window) => window.canary.errors)).toEqual([...Array<number>(19).fill(0), 1]);
  });

  test('hold what stable answered since the one before: where requests are few it is asked in other seconds', () => {
    const round = (index: number) => [
      answered(T0 + 20_000 * index, { track: 'stable' }),
      answered(T0 + 20_000 * index + 5000, { track: 'stable', status: 500 }),
      answered(T0 + 20_000 * index + 10_000),
    ];
    const { windows } = bookOf(Array.from({ length: 30 }, (_, index) => round(index)).flat()).facts(LATER);
    expect(windows).toHaveLength(20);
    expect(windows.at(-1)).toEqual({
      seconds: 20,
      canary: { requests: 1, errors: 0, slow: 0 },
      stable: { requests: 2, errors: 1, slow: 0 },
    });
  });

  test('and evidence wait for the end of a second: half a burst looks like an outage', () => {
    const book = bookOf(times(30, (index) => answered(T0 + index, { status: 500 })));
    const during = book.facts(T0 + 999);
    expect([during.canary.errors, during.windows.length]).toEqual([30, 0]);
    expect(during.evidence.errors.worse_than_limit).toBe(1);
    const after = book.facts(T0 + 1000);
    expect([after.canary.errors, after.windows.length]).toEqual([30, 1]);
    expect(after.evidence.errors.worse_than_limit).toBeGreaterThan(100);
  });
});

test('that looking changes nothing, however often', () => {
  const answers: readonly Answer[] = [{}, { status: 503 }, { track: 'stable' }, { seconds: '2.000' }];
  const lines = times(200, (index) => answered(T0 + 150 * index, answers[index % 4]));
  const often = bookOf([]);
  for (const [index, line] of lines.entries()) {
    read(often, line);
    often.facts(T0 + 150 * index);
  }
  expect(often.facts(LATER)).toEqual(bookOf(lines).facts(LATER));
});

test('that what both suffered is not held against a canary which is left alone, and each weight begins anew', () => {
  const second = (at: number, part: readonly Answer[]) =>
    part.map((answer, index) => answered(T0 + 1000 * at + index, answer));
  const failing: readonly Answer[] = [
    { status: 500 },
    { status: 500 },
    { track: 'stable', status: 500 },
    { track: 'stable' },
  ];
  const lines = [
    ...Array.from({ length: 10 }, (_, at) => second(at, failing)).flat(),
    ...Array.from({ length: 10 }, (_, at) => second(at + 10, [{}, {}, {}])).flat(),
  ];
  const { errors } = bookOf(lines).facts(LATER).evidence;
  expect(errors.worse_than_limit).toBeGreaterThan(100);
  expect(errors).toMatchObject({
    requests_since_stable: 30,
    worse_than_stable: expect.any(Number) as number,
  });
  expect(errors.worse_than_limit_since_stable).toBeLessThan(1);
  expect(errors.worse_than_limit_since_weight).toBe(errors.worse_than_limit);
  const changed = bookOf(lines, { changedAtMs: [T0 - 5000, T0 + 10_000] }).facts(LATER).evidence.errors;
  expect(changed.worse_than_limit_since_weight).toBeLessThan(1);
});

test('that a replica’s former address stays its own', () => {
  const book = bookOf([], { addresses: new Map([['10.0.0.7', 'stable']]) });
  book.update(watchedCanary());
  read(book, judgeLine({ endedAt: nginxTime(T0), upstreamAddress: '10.0.0.7:3000' }));
  expect(book.facts(LATER)).toMatchObject({ canary: { requests: 0 }, stable: { requests: 1 } });
});

test('that a line which comes a second late is counted once', () => {
  const lines = [answered(T0), answered(T0 + 1000), answered(T0 + 999), answered(T0 + 2000)];
  const { canary, windows } = bookOf(lines).facts(LATER);
  expect(canary.requests).toBe(4);
  expect(windows.map((window) => window.canary.requests)).toEqual([1, 2, 1]);
});
