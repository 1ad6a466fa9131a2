import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lockAddress } from '../../src/controller/lock-address.js';
import { acquireStackLock, peekStackLock, type StackLock } from '../../src/controller/stack-lock.js';
import { acquire, holder, platforms } from '../support/stack-lock.js';

describe.each(platforms)('the lock of a stack, as on %s', (platform) => {
  test('the second is told of the first, and gets the lock once it is released', async () => {
    const id = randomUUID();
    const lock = await acquire(id, platform);
    expect(await acquireStackLock(id, holder, { platform })).toEqual({ heldBy: holder });
    expect(await peekStackLock(id, { platform })).toEqual(holder);
    await lock.release();
    expect(await peekStackLock(id, { platform })).toBeUndefined();
    await acquire(id, platform);
  });

  test('two stacks do not disturb each other', async () => {
    await acquire(randomUUID(), platform);
    await acquire(randomUUID(), platform);
  });

  test('of many at once exactly one gets it', async () => {
    const id = randomUUID();
    const results = await Promise.all(seq(10).map(() => acquireStackLock(id, holder, { platform })));
    const locks = results.filter((result) => !('heldBy' in result)) as StackLock[];
    onTestFinished(async () => void (await Promise.all(locks.map((lock) => lock.release()))));
    expect(locks).toHaveLength(1);
  });

  test('release does not wait for clients that never go', async () => {
    const id = randomUUID();
    const lock = await acquire(id, platform);
    const client = createConnection({ path: lockAddress(id, platform), allowHalfOpen: true });
    onTestFinished(() => void client.destroy());
    await once(client, 'connect');
    await lock.release();
    expect(await peekStackLock(id, { platform })).toBeUndefined();
  });

  test('a long id is no problem', async () => {
    await acquire(`${'long'.repeat(100)}${randomUUID()}`, platform);
  });

  test.each([
    ['says nothing', ''],
    ['talks nonsense', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['talks without end', 'x'.repeat(1_000_000)],
  ])('a program in its place that %s holds it, nameless', async (_what, words) => {
    const id = randomUUID();
    const server = createServer((client) => client.on('error', () => undefined).end(words));
    server.listen({ path: lockAddress(id, platform) });
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    expect(await acquireStackLock(id, holder, { platform })).toEqual({ heldBy: 'unknown' });
  });
});

function seq(length: number): number[] {
  return Array.from({ length }, (_, n) => n);
}
