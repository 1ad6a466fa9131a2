/** Looking must keep nobody from working: `status --watch` takes the stack's lock again and again. */
import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { tryLock, type LockPurpose } from '../../../src/cli/basics/lock.js';
import type { StackLock } from '../../../src/controller/stack-lock.js';

const STACK = { info: { id: `engine-${randomUUID()}` }, paths: { manifest: '/srv/manifest.yaml' } };
const taken: StackLock[] = [];

afterEach(async () => {
  await Promise.all(taken.splice(0).map((lock) => lock.release()));
});

async function take(purpose: LockPurpose): Promise<StackLock> {
  const lock = await tryLock(STACK, 'shop', purpose);
  if ('heldBy' in lock) throw new Error('somebody has it');
  taken.push(lock);
  return lock;
}

test('who wants to control waits for who looks', async () => {
  const look = await take('look');
  const control = take('control');
  // A question as long as its first: it has seen who has the lock.
  expect(await tryLock(STACK, 'shop', 'look')).toMatchObject({ heldBy: { purpose: 'look' } });
  await look.release();
  await control;
});

test('who looks waits for nobody, and nobody waits for a controller', async () => {
  const look = await take('look');
  expect(await tryLock(STACK, 'shop', 'look')).toMatchObject({ heldBy: { purpose: 'look' } });
  await look.release();
  await take('control');
  for (const purpose of ['look', 'control'] as const)
    expect(await tryLock(STACK, 'shop', purpose)).toMatchObject({ heldBy: { purpose: 'control' } });
});
