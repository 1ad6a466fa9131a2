/** A stack's lock, taken by a test. */
import { onTestFinished } from 'vitest';
import { acquireStackLock, type StackLock } from '../../src/controller/stack-lock.js';

/** Who takes it. */
export const holder = {
  pid: process.pid,
  startedAt: '2026-05-05T20:55:22.113Z',
  manifest: '/srv/a/manifest.yaml',
};

/** Both ways of locking work here: Linux knows socket files too. */
export const platforms: NodeJS.Platform[] =
  process.platform === 'linux' ? ['linux', 'darwin'] : [process.platform];

/** Taken until the test ends. */
export async function acquire(id: string, platform: NodeJS.Platform): Promise<StackLock> {
  const lock = await acquireStackLock(id, holder, { platform });
  if ('heldBy' in lock) throw new Error('the lock is taken');
  onTestFinished(() => lock.release());
  return lock;
}
