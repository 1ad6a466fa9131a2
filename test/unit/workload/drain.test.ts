import { Agent } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startApp } from '../../../workload/src/server.js';
import { ask, post, sample } from './http.js';

function start() {
  return startApp({ mode: 'canary', version: '1', port: 0 });
}

describe('drain', () => {
  it('is immediate when nothing is in flight, idle keep-alive connections or not', async () => {
    const app = await start();
    const agent = new Agent({ keepAlive: true });
    await ask(app.port, '/', { agent });
    const started = performance.now();
    await app.drain();
    expect(performance.now() - started).toBeLessThan(1_000);
    agent.destroy();
  });

  it('finishes the request in flight, tells its client to go, and accepts nobody new', async () => {
    const app = await start();
    await post(app.port, '/chaos', { mode: 'slow', duration: 0.2 });
    const agent = new Agent({ keepAlive: true });
    const inFlight = ask(app.port, '/', { agent });
    await expect.poll(async () => (await ask(app.port, '/healthz')).statusCode).toBe(200);
    const drained = app.drain();
    await expect(ask(app.port, '/healthz', { agent: new Agent() })).rejects.toThrow(/ECONNREFUSED/);
    const reply = await inFlight;
    expect([reply.statusCode, reply.headers.connection]).toEqual([200, 'close']);
    await drained;
  });

  it('does not hang on a client that was answered before the drain and stays', async () => {
    const app = await start();
    const socket = connect(app.port, '127.0.0.1');
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    const closed = once(socket, 'close');
    await app.drain();
    await closed;
  });
});

describe('a client that leaves before its answer', () => {
  it('ends its wait and is counted as 499', async () => {
    const app = await start();
    await post(app.port, '/chaos', { mode: 'slow', duration: 3_600 });
    const socket = connect(app.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'connect');
    await expect.poll(async () => (await ask(app.port, '/healthz')).statusCode).toBe(200);
    socket.destroy();
    const name = 'http_requests_total{method="GET",path="/",status_code="499"}';
    await expect.poll(async () => sample((await ask(app.port, '/metrics')).text, name)).toBe(1);
    await app.drain();
  });
});
