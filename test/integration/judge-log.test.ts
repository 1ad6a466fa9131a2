/** What the judge knows is what the real proxy wrote: every attempt of every user's request, through kills, rotations and restarts of its reader. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CanaryMonitor, type WatchedCanary } from '../../src/reconcilers/judge/canary-monitor.js';
import type { LogFacts } from '../../src/reconcilers/judge/canary-book.js';
import type { Track } from '../../src/reconcilers/plan/proxy-model.js';
import { watchedCanary } from '../support/judge-scene.js';
import { Load } from '../support/load.js';
import { logContract } from '../support/log-contract.js';
import { model, splitRoute } from '../support/model/proxy-models.js';
import { ask, ProxyStage, type Backend } from '../support/proxy-stage.js';
import { until } from '../support/until.js';

const HOUR_MS = 3_600_000;
/** Nothing is slow, so that users who left count for nobody. */
const PATIENT = { max_error_percent: 1, slow_ms: HOUR_MS, max_slow_percent: 1 };
/** An application with every fault; it says which version it is. */
const APP = (version: string) => `
  const stream = (response, headers) => {
    response.writeHead(200, headers);
    response.write('data: one\\n\\n');
    setTimeout(() => response.end('data: two\\n\\n'), 600);
  };
  const answers = {
    '/error': (response) => response.writeHead(500).end('no'),
    '/busy': (response) => response.writeHead(503).end('no'),
    '/hang': () => undefined,
    '/reset': (response) => response.destroy(),
    '/short': (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('x'.repeat(10), () => response.destroy());
    },
    '/cut': (response) => {
      response.writeHead(200);
      response.write('a chunk', () => setTimeout(() => response.destroy(), 20));
    },
    '/garbage': (response) => response.socket.end('BLAH BLAH'),
    '/silent': (response) => {
      response.writeHead(200);
      response.write('a chunk, and no more for longer than the proxy waits');
    },
    '/late': (response) => setTimeout(() => response.end('late'), 600),
    '/chunks': (response) => stream(response, {}),
    '/events': (response) => stream(response, { 'content-type': 'text/event-stream; charset=utf-8' }),
    '/tokens': (response) => stream(response, { 'x-accel-buffering': 'no' }),
  };
  const server = require('http').createServer((asked, response) => {
    const answer = answers[asked.url] ?? (() => response.end(JSON.stringify({ version: '${version}' })));
    answer(response);
  });
  server.listen(3000);
`;

const stage = new ProxyStage();
const monitors: CanaryMonitor[] = [];
let stable: Backend;
let canary: Backend;
let addresses: ReadonlyMap<string, Track>;

beforeAll(async () => {
  await stage.open(model([]));
  [stable, canary] = await Promise.all([stage.nodeBackend(APP('stable')), stage.nodeBackend(APP('canary'))]);
  addresses = new Map([
    [await addressOf(stable), 'stable'],
    [await addressOf(canary), 'canary'],
  ]);
});

afterEach(async () => {
  await Promise.all(monitors.splice(0).map((monitor) => monitor.stop()));
});

afterAll(() => stage.close());

async function addressOf({ container }: Backend): Promise<string> {
  const seen = await stage.engine.inspectContainer(container.id);
  const [endpoint] = seen?.networks.values() ?? [];
  return endpoint?.address ?? '';
}

/** Epoch milliseconds. nginx writes a request down after its user has the answer: what was asked before is older. */
async function fromNowOn(): Promise<number> {
  await sleep(20);
  return Date.now();
}

async function serveCanary(weight: number): Promise<void> {
  const tracks = { stable: stable.servers, canary: canary.servers };
  const route = splitRoute('app', { path: '/' }, { ...tracks, weight, split: { sticky: 'off' } });
  await stage.serve(model([route], { timeoutSeconds: 3 }));
}

function watch(change: Partial<WatchedCanary> = {}): CanaryMonitor {
  const monitor = new CanaryMonitor({ engine: stage.engine, onBroken: () => undefined });
  monitors.push(monitor);
  monitor.watch([watchedCanary({ proxyContainerId: stage.proxy.id, addresses, ...change })]);
  return monitor;
}

/** Once the log tells what is expected of it. */
function facts(monitor: CanaryMonitor, expected: (facts: LogFacts) => boolean): Promise<LogFacts> {
  let seen: LogFacts | undefined;
  return until(
    'the judge knows',
    () => {
      seen = monitor.factsOf('app', Date.now() + HOUR_MS);
      return seen !== undefined && expected(seen) ? seen : undefined;
    },
    { explain: () => JSON.stringify(seen) },
  );
}

/** A GET by path; what the user got, or nothing for an answer that broke off. */
async function statusOf(path: string): Promise<number | undefined> {
  return (await ask(stage.publicPort, path).catch(() => undefined))?.status;
}

/** After a failure the proxy leaves the canary alone for a second. */
async function canaryAnswers(): Promise<void> {
  await until('the canary is asked again', async () =>
    (await ask(stage.publicPort, '/')).body.includes('"canary"'),
  );
}

/** Sends a request and does not wait for the answer. */
async function leaveEarly(): Promise<void> {
  const asked = request({ host: '127.0.0.1', port: stage.publicPort, path: '/late', agent: new Agent() });
  asked.on('error', () => undefined);
  asked.end();
  await once(asked, 'finish');
  asked.destroy();
}

describe('what the real proxy writes', () => {
  test('says of every fault whose it was, also where stable stood in', async () => {
    await serveCanary(100);
    await canaryAnswers();
    const sinceMs = await fromNowOn();
    for (const [path, status] of [
      ['/error', 500],
      ['/busy', 503],
      ['/late', 200],
      ['/short', undefined],
    ] as const)
      expect([path, await statusOf(path)]).toEqual([path, status]);
    for (const [path, status] of [
      ['/reset', 502],
      ['/hang', 504],
    ] as const) {
      await canaryAnswers();
      expect([path, await statusOf(path)]).toEqual([path, status]);
    }
    const seen = await facts(watch({ sinceMs }), ({ canary: { errors } }) => errors >= 5);
    expect(seen.canary.errors_by_origin).toEqual({ app: 1, connect: 0, timeout: 1, gateway: 3 });
    expect(seen.canary.slow).toBeGreaterThanOrEqual(2);
    expect(seen.stable?.errors_by_origin).toEqual({ app: 0, connect: 0, timeout: 1, gateway: 1 });
  });

  test('says that an answer without a length was broken off, or went silent in the middle', async () => {
    await serveCanary(100);
    await canaryAnswers();
    const sinceMs = await fromNowOn();
    const paths = ['/', '/cut', '/', '/silent', '/cut', '/'];
    const statuses: (number | undefined)[] = [];
    for (const path of paths) statuses.push(await statusOf(path));
    expect(statuses).toEqual([200, undefined, 200, undefined, undefined, 200]);
    const seen = await facts(watch({ sinceMs }), ({ canary: { requests } }) => requests >= paths.length);
    expect(seen.canary).toMatchObject({
      requests: paths.length,
      errors: 3,
      errors_by_origin: { gateway: 3 },
    });
  });

  test('says how fast a stream began, and of every other answer how long it took', async () => {
    await serveCanary(100);
    await canaryAnswers();
    const monitor = watch({ sinceMs: await fromNowOn() });
    const paths = ['/events', '/tokens', '/chunks', '/events'];
    for (const path of paths) expect(await statusOf(path)).toBe(200);
    const seen = await facts(monitor, ({ canary: { requests } }) => requests >= paths.length);
    expect(seen.canary).toMatchObject({ requests: paths.length, errors: 0, slow: 1 });
  });

  test('says that an answer was no HTTP, which nginx passes on as it is', async () => {
    await serveCanary(100);
    await canaryAnswers();
    const monitor = watch({ sinceMs: await fromNowOn() });
    expect([await statusOf('/garbage'), await statusOf('/')]).toEqual([undefined, 200]);
    const seen = await facts(monitor, ({ canary: { requests } }) => requests >= 2);
    expect(seen.canary).toMatchObject({ requests: 2, errors: 1, errors_by_origin: { gateway: 1 } });
  });

  test('tells a user who left from a canary that failed', async () => {
    await serveCanary(100);
    const monitor = watch({ sinceMs: await fromNowOn(), limits: PATIENT });
    const seen = await until(
      'users left',
      async () => {
        await leaveEarly();
        const { canary: own } = monitor.factsOf('app', Date.now()) ?? {};
        return own !== undefined && own.client_aborts >= 2 && own;
      },
      { pollMs: 200 },
    );
    expect(seen).toMatchObject({ requests: 0, errors: 0 });
  });

  test('counts a canary that is killed under load against it, though no user sees an error', async () => {
    await serveCanary(50);
    const monitor = watch({ sinceMs: await fromNowOn(), limits: PATIENT });
    const load = new Load(`http://127.0.0.1:${String(stage.publicPort)}/`, { gets: 6, posts: 0 });
    await facts(monitor, ({ canary: { requests } }) => requests > 50);
    await canary.container.kill();
    const killed = await facts(monitor, ({ canary: { errors } }) => errors > 0);
    const requests = killed.stable?.requests ?? 0;
    await facts(monitor, ({ stable: other }) => (other?.requests ?? 0) > requests + 100);
    await load.stop();
    expect(load.failures).toEqual([]);
    const asked = load.answered;
    const { canary: own, stable: other } = await facts(
      monitor,
      (seen) => seen.canary.requests - seen.canary.errors + (seen.stable?.requests ?? 0) >= asked,
    );
    expect(own.requests - own.errors + (other?.requests ?? 0)).toBe(asked);
    expect(other?.errors).toBe(0);
  });
});

describe('a log that the Engine rotates while it is read', () => {
  const LINES = 2000;
  /** A line of the judge every millisecond, every tenth an error of the canary, every other one stable's. */
  const WRITER = `
    let index = 0;
    const write = () => {
      const now = (Date.now() / 1000).toFixed(3);
      const [track, address] = index % 2 === 0 ? ['canary', '10.0.0.5'] : ['stable', '10.0.0.3'];
      const status = index % 10 === 0 ? 500 : 200;
      const fields = ['swd3', now, 'app', track, status, '0.004', 'OK', address + ':3000', status];
      process.stderr.write([...fields, '0.001', '0.003', '0.004', '412', '94', '94', '7', '0'].join('|') + '\\n');
      process.stdout.write('the published log\\n');
      index += 1;
      if (index < ${String(LINES)}) setTimeout(write, 1);
      else setInterval(() => undefined, 1e6);
    };
    write();
  `;
  const TOTALS = {
    canary: { requests: LINES / 2, errors: LINES / 10, errors_by_origin: { app: LINES / 10 } },
    stable: { requests: LINES / 2, errors: 0 },
  };

  test('gives the same figures to who read all of it, to who was stopped in the middle, and to who came late', async () => {
    const containerId = await stage.writer(WRITER, { 'max-size': '150k', 'max-file': '100' });
    const change = { proxyContainerId: containerId, addresses: watchedCanary().addresses };
    const whole = watch(change);
    const first = watch(change);
    await facts(first, ({ canary: { requests } }) => requests > LINES / 8);
    await first.stop();
    const second = watch(change);
    await facts(second, ({ canary: { requests } }) => requests > LINES / 4);
    await facts(whole, ({ canary: { requests } }) => requests >= LINES / 2);
    const late = watch(change);
    for (const monitor of [whole, second, late])
      expect(await facts(monitor, ({ stable: other }) => other?.requests === LINES / 2)).toMatchObject(
        TOTALS,
      );
  });
});

describe('the Engine', () => {
  logContract(async () => {
    const id = await stage.writer('setInterval(() => undefined, 1e6)', {});
    const write = (text: string) => `require('fs').writeFileSync('/proc/1/fd/2', '${text}\\n')`;
    return {
      engine: stage.engine,
      id,
      write: async (text) => void (await stage.engine.exec(id, ['node', '-e', write(text)])),
      stop: () => stage.engine.stopContainer(id, 0),
    };
  });
});

test('a log that cannot be read is no silent canary', async () => {
  const errors: unknown[] = [];
  const monitor = new CanaryMonitor({ engine: stage.engine, onBroken: (error) => errors.push(error) });
  monitors.push(monitor);
  monitor.watch([watchedCanary({ proxyContainerId: 'f'.repeat(64) })]);
  await until('it said that it cannot', () => errors.length > 1);
  expect(monitor.factsOf('app', Date.now())).toBeUndefined();
});
