/** A replica whose health check fails though it still answers people, as one does that has lost its database. */
import { expect, test } from 'vitest';
import { Load } from '../support/load.js';
import { NODE } from '../support/manifest.js';
import { useStack } from '../support/stack.js';

/** Answers slowly, ends at once when told to, and whoever is asked for /sick is sick from then on. */
const SERVER = `
  let sick = false;
  const answer = (response) => setTimeout(() => response.end('{"version":"1"}'), 300);
  require('node:http').createServer((request, response) => {
    if (request.url === '/sick') sick = true;
    if (request.url === '/healthz') return response.writeHead(sick ? 500 : 200).end();
    request.resume().on('end', () => answer(response));
  }).listen(3000);
  process.on('SIGTERM', () => process.exit());
`;

const stack = useStack({
  services: {
    app: {
      image: NODE,
      command: ['node', '-e', SERVER],
      port: 3000,
      version: '1',
      replicas: 2,
      drain: '2s',
      health: { interval: '500ms', timeout: '1s', retries: 3, deadline: '6s' },
    },
  },
});

test('is restarted once nobody is sent to it any more, and costs nobody a request', async () => {
  const load = new Load(`http://127.0.0.1:${String(stack.port)}/`);
  const seq = await stack.lastSeq();
  expect((await stack.get('/sick')).status).toBe(200);
  await stack.event(seq, 'drift_healed', { kind: 'unhealthy' });
  await stack.settled();
  await load.stop();
  expect(load.failures).toEqual([]);
  await stack.check();
});
