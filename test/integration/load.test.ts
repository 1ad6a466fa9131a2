/** The clients of the tests see an outage, whatever it looks like; against servers that are broken on purpose. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished, expect, test } from 'vitest';
import { Load, type LoadOptions } from '../support/load.js';
import { until } from '../support/until.js';

const LOST_ROUTE = '{"error":"Not Found","code":404,"service":"","contact":"ops@example.com"}';
const LONG_IDLE_MS = 700;

async function under(serve: RequestListener, options: LoadOptions): Promise<Load> {
  const server = createServer(serve).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await until('it listens', () => server.listening);
  const load = new Load(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`, options);
  onTestFinished(() => load.stop());
  return load;
}

const answering =
  (status: number, body: string): RequestListener =>
  (_asked, answer) =>
    void answer.writeHead(status, { 'content-type': 'application/json' }).end(body);

test.each([
  ['a GET that the proxy has no route for', 404, LOST_ROUTE, { gets: 1, posts: 0, idle: 0 }],
  ['a POST that the proxy has no route for', 404, LOST_ROUTE, { gets: 0, posts: 1, idle: 0 }],
  ['a GET that the application does not know', 404, '{"error":"not found"}', { gets: 1, posts: 0, idle: 0 }],
  ['a POST that fails', 500, '{"error":"chaos"}', { gets: 0, posts: 1, idle: 0 }],
])('%s is a failure', async (_what, status, body, options) => {
  const load = await under(answering(status, body), options);
  const [failure] = await until('a failure', () => load.failures.length > 0 && load.failures);
  expect(failure).toContain(`${String(status)} ${body}`);
  expect(load.answered).toBe(0);
});

test('a POST that the application itself refuses is an answer', async () => {
  const load = await under(answering(405, '{"error":"method not allowed, use GET"}'), {
    gets: 0,
    posts: 1,
    idle: 0,
  });
  await until('an answer', () => load.answered > 3);
  expect(load.failures).toEqual([]);
});

test('a connection that is cut because it was idle is a failure', async () => {
  const idleSince = new WeakMap<Socket, number>();
  const load = await under(({ socket }, answer) => {
    if (performance.now() - (idleSince.get(socket) ?? Infinity) > LONG_IDLE_MS) return void socket.destroy();
    answer.end('{}', () => idleSince.set(socket, performance.now()));
  }, {});
  await until('a failure', () => load.failures.length > 0);
  expect(load.answered).toBeGreaterThan(0);
});
