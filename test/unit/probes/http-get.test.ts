/** One GET, on a real socket: connections that are used again, and answers that are too long. */
import { Agent, createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { httpGet, type GetTarget } from '../../../src/probes/health/http-get.js';

const MEBIBYTE = 1024 * 1024;

interface Asked {
  readonly target: GetTarget;
  readonly sockets: Set<Socket>;
  readonly server: Server;
}

async function asked(answer: RequestListener): Promise<Asked> {
  const server = createServer({ keepAliveTimeout: 60_000 }, answer).listen(0, '127.0.0.1');
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { target: { host: '127.0.0.1', port, path: '/', timeoutMs: 2000 }, sockets, server };
}

function keptAlive(): Agent {
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  return agent;
}

describe('one GET after the other', () => {
  test('comes on a fresh connection each', async () => {
    const { target, sockets } = await asked((_question, answer) => answer.end('yes'));
    for (let times = 0; times < 3; times += 1) expect(await httpGet(target)).toMatchObject({ body: 'yes' });
    expect(sockets.size).toBe(3);
  });

  test('comes on the same one where connections are kept', async () => {
    const { target, sockets } = await asked((_question, answer) => answer.end('yes'));
    const agent = keptAlive();
    for (let times = 0; times < 3; times += 1)
      expect(await httpGet({ ...target, agent })).toMatchObject({ body: 'yes' });
    expect(sockets.size).toBe(1);
  });

  test('is asked again, once, when its kept connection is closed under it', async () => {
    let questions = 0;
    const { target, sockets } = await asked((question, answer) => {
      questions += 1;
      if (questions === 2) question.socket.resetAndDestroy();
      else answer.end('yes');
    });
    const agent = keptAlive();
    await httpGet({ ...target, agent });
    await sleep(20);
    expect(await httpGet({ ...target, agent })).toMatchObject({ answered: true, body: 'yes' });
    expect([questions, sockets.size]).toEqual([3, 2]);
  });

  test('is not asked again on a fresh one', async () => {
    let questions = 0;
    const { target } = await asked((question) => {
      questions += 1;
      question.socket.resetAndDestroy();
    });
    expect(await httpGet({ ...target, agent: keptAlive() })).toEqual({ answered: false, code: 'ECONNRESET' });
    expect(questions).toBe(1);
  });

  test('that is too late is not asked again', async () => {
    let questions = 0;
    const { target } = await asked((_question, answer) => {
      questions += 1;
      if (questions === 1) answer.end('yes');
    });
    const agent = keptAlive();
    await httpGet({ ...target, agent });
    await sleep(20);
    expect(await httpGet({ ...target, agent, timeoutMs: 50 })).toEqual({ answered: false, code: 'TIMEOUT' });
    await sleep(20);
    expect(questions).toBe(2);
  });
});

test('an answer without end is cut, and its status counts', async () => {
  const { target } = await asked((_question, answer) => {
    answer.writeHead(200);
    const more = () => void answer.write('x'.repeat(MEBIBYTE / 4));
    answer.on('drain', more);
    for (let times = 0; times < 8; times += 1) more();
  });
  const result = await httpGet({ ...target, agent: keptAlive() });
  expect(result).toMatchObject({ answered: true, status: 200, isCut: true });
});

test('a process that was not let run has not heard the answer yet: it is read, though its time is over', async () => {
  const { target } = await asked((_question, answer) => {
    block(400);
    answer.end('yes');
  });
  expect(await httpGet({ ...target, timeoutMs: 200 })).toMatchObject({ answered: true, body: 'yes' });
});

function block(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}
