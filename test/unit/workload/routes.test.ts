import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApp, type App } from '../../../workload/src/server.js';
import type { Mode } from '../../../workload/src/config.js';
import { ask, exchange, post, sample } from './http.js';

let app: App;

function start(mode: Mode): Promise<App> {
  return startApp({ mode, version: '1.2.3', port: 0 });
}

afterEach(() => app.drain());

describe('a stable workload', () => {
  beforeEach(async () => {
    app = await start('stable');
  });

  it('welcomes with mode, version and the second', async () => {
    const reply = await ask(app.port, '/');
    expect(reply.statusCode).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json');
    expect(reply.json()).toEqual({
      message: 'Welcome to SwiftDeploy API',
      mode: 'stable',
      version: '1.2.3',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
    });
  });

  it('reports health with a monotonic uptime', async () => {
    const first = (await ask(app.port, '/healthz')).json() as { uptime_seconds: number };
    const second = (await ask(app.port, '/healthz')).json() as { uptime_seconds: number };
    expect(first).toMatchObject({ status: 'ok', mode: 'stable', version: '1.2.3' });
    expect(second.uptime_seconds).toBeGreaterThanOrEqual(first.uptime_seconds);
  });

  it('never says X-Mode', async () => {
    for (const path of ['/', '/healthz', '/metrics', '/nothing']) {
      expect((await ask(app.port, path)).headers['x-mode']).toBeUndefined();
    }
  });

  it('refuses chaos before the body is read, even one that never comes', async () => {
    const head = 'POST /chaos HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n';
    const answer = await exchange(app.port, head, 'canary mode"}');
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden/);
    expect(answer).toContain('{"error":"chaos endpoint only available in canary mode"}');
  });

  it('answers unknown paths with a JSON 404, and wrong methods with a JSON 405', async () => {
    const missing = await ask(app.port, '/v1/data?x=1');
    expect([missing.statusCode, missing.json()]).toEqual([404, { error: 'not found', path: '/v1/data' }]);
    const wrong = await post(app.port, '/', {});
    expect([wrong.statusCode, wrong.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect((await ask(app.port, '/chaos')).headers.allow).toBe('POST');
  });

  it('answers HEAD like GET, without a body', async () => {
    const reply = await ask(app.port, '/healthz', { method: 'HEAD' });
    expect([reply.statusCode, reply.text]).toEqual([200, '']);
  });
});

describe('metrics', () => {
  beforeEach(async () => {
    app = await start('stable');
  });

  it('count by method, path and status, with unknown paths and methods folded into "other"', async () => {
    await ask(app.port, '/');
    for (const path of ['/a', '/b', '/c?d=e']) await ask(app.port, path);
    await ask(app.port, '/', { method: 'PROPFIND' });
    const { text, headers } = await ask(app.port, '/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(sample(text, 'http_requests_total{method="GET",path="/",status_code="200"}')).toBe(1);
    expect(sample(text, 'http_requests_total{method="GET",path="other",status_code="404"}')).toBe(3);
    expect(sample(text, 'http_requests_total{method="other",path="/",status_code="405"}')).toBe(1);
    expect(text).not.toMatch(/path="\/[abc]/);
  });

  it('has buckets from 5 ms to 10 s', async () => {
    await ask(app.port, '/');
    const { text } = await ask(app.port, '/metrics');
    const bounds = [...text.matchAll(/duration_seconds_bucket\{le="([^"]+)",path="\/"\}/g)].map(
      (match) => match[1],
    );
    expect(bounds).toEqual([
      '0.005',
      '0.01',
      '0.025',
      '0.05',
      '0.1',
      '0.25',
      '0.5',
      '1',
      '2.5',
      '5',
      '10',
      '+Inf',
    ]);
  });

  it('gauge mode, chaos and uptime', async () => {
    const { text } = await ask(app.port, '/metrics');
    expect(sample(text, 'app_mode')).toBe(0);
    expect(sample(text, 'chaos_active')).toBe(0);
    expect(sample(text, 'app_uptime_seconds')).toBeGreaterThan(0);
  });
});

describe('a canary', () => {
  beforeEach(async () => {
    app = await start('canary');
  });

  it('says X-Mode on every answer, errors too', async () => {
    const replies = [
      await ask(app.port, '/'),
      await ask(app.port, '/metrics'),
      await ask(app.port, '/nothing'),
      await post(app.port, '/', {}),
      await post(app.port, '/chaos', 'not json'),
    ];
    expect(replies.map((reply) => reply.headers['x-mode'])).toEqual(replies.map(() => 'canary'));
    expect(await exchange(app.port, 'nonsense\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 Bad Request[^]*X-Mode: canary/,
    );
  });

  it.each([
    ['not json', 400, /^body must be JSON: /],
    ['', 400, /^body must be JSON: /],
    ['[]', 400, /^body must be a JSON object/],
    ['null', 400, /^body must be a JSON object/],
    ['{"mode":"fast"}', 400, /^mode must be one of slow, error, recover/],
    ['{"mode":"slow"}', 400, /^duration must be/],
    ['{"mode":"slow","duration":-1}', 400, /^duration must be/],
    ['{"mode":"slow","duration":"2"}', 400, /^duration must be/],
    ['{"mode":"slow","duration":1e999}', 400, /^duration must be/],
    ['{"mode":"error","rate":1.1}', 400, /^rate must be/],
    ['{"mode":"error","rate":null}', 400, /^rate must be/],
    [`{"mode":"${'x'.repeat(20_000)}"}`, 413, /^body must be at most/],
  ])('refuses the chaos %.40s', async (body, statusCode, error) => {
    const reply = await post(app.port, '/chaos', body);
    expect(reply.statusCode).toBe(statusCode);
    expect((reply.json() as { error: string }).error).toMatch(error);
    expect(sample((await ask(app.port, '/metrics')).text, 'chaos_active')).toBe(0);
  });

  it('fails requests at the rate asked for, spares its own endpoints, and recovers', async () => {
    expect((await post(app.port, '/chaos', { mode: 'error', rate: 1 })).json()).toEqual({
      status: 'ok',
      chaos: { mode: 'error', rate: 1 },
    });
    expect((await ask(app.port, '/')).statusCode).toBe(500);
    expect((await ask(app.port, '/healthz')).statusCode).toBe(200);
    const { statusCode, text } = await ask(app.port, '/metrics');
    expect([statusCode, sample(text, 'chaos_active'), sample(text, 'app_mode')]).toEqual([200, 2, 1]);
    await post(app.port, '/chaos', { mode: 'error', rate: 0 });
    expect((await ask(app.port, '/')).statusCode).toBe(200);
    expect((await post(app.port, '/chaos', { mode: 'recover' })).statusCode).toBe(200);
    expect(sample((await ask(app.port, '/metrics')).text, 'chaos_active')).toBe(0);
  });

  it('slows requests by the duration asked for, and nothing else', async () => {
    await post(app.port, '/chaos', { mode: 'slow', duration: 0.1 });
    const started = performance.now();
    await ask(app.port, '/healthz');
    const healthMs = performance.now() - started;
    await ask(app.port, '/');
    expect(performance.now() - started - healthMs).toBeGreaterThanOrEqual(99);
    const { text } = await ask(app.port, '/metrics');
    expect(sample(text, 'chaos_active')).toBe(1);
    expect(sample(text, 'http_request_duration_seconds_bucket{le="0.05",path="/"}')).toBe(0);
  });

  it('sends 100 Continue to a client that waits for it', async () => {
    const body = '{"mode":"recover"}';
    const head = `POST /chaos HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`;
    expect(await exchange(app.port, head + body, '"status":"ok"')).toMatch(
      /^HTTP\/1\.1 100 Continue[^]*200 OK/,
    );
  });
});
