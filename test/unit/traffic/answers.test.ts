/** What an answer of a replica means, and how figures get into a status. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { StatusDocument } from '../../../src/cli/status/status-document.js';
import { withAnswers } from '../../../src/cli/status/with-answers.js';
import { askMetrics, meaning } from '../../../src/reconcilers/traffic/ask-metrics.js';
import { keptFrom } from '../../../src/reconcilers/traffic/look-once.js';
import type { ObservedContainer } from '../../../src/reconcilers/observed/world.js';
import { targetsOf } from '../../../src/reconcilers/traffic/targets.js';
import { service } from '../../support/model/stacks.js';
import { withTraffic, type Traffic } from '../../../src/reconcilers/traffic/traffic.js';
import { App, Clock, OURS } from './looks.js';

const GOOD = 'http_requests_total{code="200"} 1';

describe('an answer', () => {
  const answered = (status: number, body: string) => ({ answered: true, status, headers: {}, body }) as const;

  test.each([
    ['metrics', answered(200, GOOD), 'sample'],
    ['metrics of nobody’s requests so far', answered(200, '# TYPE http_requests_total counter'), 'sample'],
    ['only the gauges of the sample app', answered(200, 'chaos_active 1'), 'sample'],
    ['metrics of another kind', answered(200, 'go_goroutines 7'), 'none'],
    ['a page', answered(200, '<html>http_requests_total 7</html>'), 'none'],
    ['nothing', answered(200, ''), 'none'],
    ['not found', answered(404, GOOD), 'none'],
    ['a redirect', answered(302, GOOD), 'none'],
    ['an error', answered(500, GOOD), 'missed'],
    ['the proxy’s word that it is away', answered(502, ''), 'missed'],
    ['too late', { answered: false, code: 'TIMEOUT' } as const, 'missed'],
    ['too much', { ...answered(200, GOOD), isCut: true } as const, 'missed'],
  ])('%s', (_what, answer, expected) => {
    expect(meaning(answer, { ours: OURS }).kind).toBe(expected);
  });
});

describe('a replica is asked', () => {
  async function proxy(answer: RequestListener): Promise<number> {
    const server = createServer(answer).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }
  const target = new App('0123456789abcdef', new Clock()).target();

  test('through the proxy, with its token', async () => {
    const port = await proxy((asked, answer) => {
      const isRight =
        asked.url === '/replica/0123456789ab/3000/metrics' && asked.headers['x-swiftdeploy-token'] === 't';
      answer.writeHead(isRight ? 200 : 403).end(GOOD);
    });
    expect((await askMetrics(() => ({ port, token: 't' }))(target)).kind).toBe('sample');
  });

  test('and a flood of metrics is not read', async () => {
    const port = await proxy((_asked, answer) => answer.end(`${GOOD}\n`.repeat(100_000)));
    expect((await askMetrics(() => ({ port, token: 't' }))(target)).kind).toBe('missed');
  });

  test('not at all without a proxy', async () => {
    expect((await askMetrics(() => undefined)(target)).kind).toBe('unasked');
  });
});

describe('a status', () => {
  const track = (specHash: string, more: object = {}) => ({ track: 'stable', specHash, ...more });
  const figures = { requestsPerSecond: 1, requests: 30 };
  const ofService = { scrapedAt: '2026-05-05T20:00:00.000Z', windowSeconds: 30 };
  const traffic: Traffic = new Map([
    ['app', { service: ofService, tracks: new Map([['stable/a1', figures]]) }],
  ]);

  test('gets the figures where they belong, two versions on one track apart', () => {
    const status = {
      services: [
        { name: 'app', tracks: [track('a1'), track('b2')] },
        { name: 'other', tracks: [] },
      ],
    };
    expect(withTraffic(status, traffic)).toEqual({
      services: [
        { name: 'app', tracks: [track('a1', { traffic: figures }), track('b2')], traffic: ofService },
        { name: 'other', tracks: [] },
      ],
    });
  });

  test('loses what is not known any more', () => {
    const before = {
      services: [{ name: 'app', tracks: [track('a1', { traffic: figures })], traffic: ofService }],
    };
    expect(withTraffic(before, new Map())).toEqual({ services: [{ name: 'app', tracks: [track('a1')] }] });
  });

  test('gets newer answers; the same answer keeps its time, and of many a denial is shown', () => {
    const answer = (domain: string, allow: boolean) => ({
      domain,
      question: 'promote',
      allow,
      reasons: [],
      durationMs: 1,
    });
    const start = { policies: [] as StatusDocument['policies'] } as StatusDocument;
    const at = (second: number) => new Date(Date.UTC(2026, 4, 5, 20, 0, second));
    const first = withAnswers(start, [answer('infrastructure', true), answer('canary', false)], at(1));
    const second = withAnswers(first, [answer('infrastructure', true), answer('canary', true)], at(2));
    const third = withAnswers(second, [answer('canary', false), answer('canary', true)], at(3));
    const shown = third.policies.map(({ domain, allow, checkedAt }) => [
      domain,
      allow,
      checkedAt?.slice(17, 19),
    ]);
    expect(shown).toEqual([
      ['canary', false, '03'],
      ['infrastructure', true, '01'],
    ]);
    expect(second.policies.map(({ checkedAt }) => checkedAt?.slice(17, 19))).toEqual(['02', '01']);
  });
});

test.each([[undefined], [null], ['text'], [[]], [{ a: 1 }], [{ a: [1, null, {}, { atMs: 'x', text: '' }] }]])(
  'a file of old counters that holds %j costs a second look, no more',
  (value) => {
    expect(Object.values(keptFrom(value)).flat()).toEqual([]);
  },
);

test('a probe with a query is ours by its path', () => {
  const shop = service();
  const health = { intervalMs: 1, timeoutMs: 1, retries: 1, deadlineMs: 1, path: '/healthz?deep=1' };
  const spec = { ...shop, health, metrics: { path: '/metrics' } };
  const container = { id: 'a', startedAt: 1 } as ObservedContainer;
  expect(targetsOf(spec, [container]).map(({ ours }) => [...ours].sort())).toEqual([
    ['/healthz', '/metrics'],
  ]);
});
