import { networkInterfaces } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startHttpListener, type HttpListenerOptions } from '../../../src/controller/http-listener.js';
import { createMetrics } from '../../../src/controller/metrics.js';

const RESYNC_MS = 30_000;
const hasIpv6 = (networkInterfaces().lo ?? networkInterfaces().lo0 ?? []).some(
  ({ address }) => address === '::1',
);

async function listener(more: Partial<HttpListenerOptions> = {}) {
  const { registry } = createMetrics({ stepKinds: [], driftKinds: [], policies: [], services: [] });
  const ticks = { sinceMs: undefined as number | undefined, msSinceLastTick: () => ticks.sinceMs };
  const options = { listen: '127.0.0.1:0', registry, ticks, resyncMs: RESYNC_MS, ...more };
  const started = await startHttpListener(options);
  if (started.kind !== 'listening') throw new Error(`not listening: ${started.kind}`);
  onTestFinished(() => started.close());
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${started.port}${path}`, init);
  return { started, ticks, get };
}

describe('http listener', () => {
  test('serves the metrics in the text format of Prometheus', async () => {
    const { get } = await listener();
    const response = await get('/metrics?name=x');
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await response.text()).toContain('swiftdeploy_condition{type="Ready",status="True"} 0');
  });

  test('is ready once the first tick has ended', async () => {
    const { get, ticks } = await listener();
    expect((await get('/readyz')).status).toBe(503);
    ticks.sinceMs = 0;
    expect((await get('/readyz')).status).toBe(200);
  });

  test('is alive while ticks end within three resyncs', async () => {
    const { get, ticks } = await listener();
    expect((await get('/healthz')).status).toBe(200);
    ticks.sinceMs = 3 * RESYNC_MS - 1;
    expect((await get('/healthz')).status).toBe(200);
    ticks.sinceMs = 3 * RESYNC_MS;
    const dead = await get('/healthz');
    expect([dead.status, await dead.text()]).toEqual([503, 'no tick for 90000 ms (limit 90000 ms)\n']);
  });

  test('a controller whose first tick never ends is not alive for ever', async () => {
    const { get } = await listener({ resyncMs: 0 });
    expect((await get('/healthz')).status).toBe(503);
  });

  test('there is nothing else, and nothing to write', async () => {
    const { get } = await listener();
    expect((await get('/')).status).toBe(404);
    expect((await get('/metrics', { method: 'POST' })).status).toBe(405);
  });

  test('there is no place for hooks where nobody takes them', async () => {
    const { get } = await listener();
    expect((await get('/hooks/git')).status).toBe(404);
    expect((await get('/hooks/git', { method: 'POST' })).status).toBe(404);
  });

  test('hooks go to who takes them, and nothing else does', async () => {
    const hooks = { handle: () => Promise.resolve({ status: 202, body: 'taken\n' }) };
    const { get } = await listener({ hooks });
    const taken = await get('/hooks/git?from=forge', { method: 'POST', body: '{}' });
    expect([taken.status, await taken.text()]).toEqual([202, 'taken\n']);
    expect((await get('/hooks/git/more', { method: 'POST' })).status).toBe(405);
    expect((await get('/hooks')).status).toBe(404);
    expect((await get('/metrics')).status).toBe(200);
  });

  test('a hook that fails is an error for its sender alone', async () => {
    const warned = new Promise((resolve) => process.once('warning', resolve));
    const hooks = { handle: () => Promise.reject(new Error('boom')) };
    const { get } = await listener({ hooks });
    const failed = await get('/hooks/git', { method: 'POST' });
    expect([failed.status, await failed.text()]).toEqual([500, 'internal error\n']);
    expect(await warned).toMatchObject({ message: 'boom' });
    expect((await get('/metrics')).status).toBe(200);
  });

  test('a taken port is a problem, not an error', async () => {
    const { started } = await listener();
    const { registry } = createMetrics({ stepKinds: [], driftKinds: [], policies: [], services: [] });
    const ticks = { msSinceLastTick: () => undefined };
    const listen = `127.0.0.1:${started.port}`;
    expect(await startHttpListener({ listen, registry, ticks, resyncMs: RESYNC_MS })).toEqual({
      kind: 'problem',
      code: 'EADDRINUSE',
      message: `cannot listen on ${listen} (EADDRINUSE)`,
    });
  });

  test.each(['nonsense', '127.0.0.1', '127.0.0.1:99999', 'a:b:80', '::1:80'])(
    '%s is no address',
    async (listen) => {
      await expect(listener({ listen })).rejects.toThrow('not listening: problem');
    },
  );

  test('can be off, and listens on 127.0.0.1 where no host is named', async () => {
    await expect(listener({ listen: 'off' })).rejects.toThrow('not listening: off');
    expect((await listener({ listen: ':0' })).started.host).toBe('127.0.0.1');
  });

  test.runIf(hasIpv6)('listens on IPv6', async () => {
    expect((await listener({ listen: '[::1]:0' })).started.host).toBe('::1');
  });
});
