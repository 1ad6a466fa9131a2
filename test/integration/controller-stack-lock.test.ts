import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { acquireStackLock, peekStackLock } from '../../src/controller/stack-lock.js';
import { acquire, holder, platforms } from '../support/stack-lock.js';

/** Another process that has the lock. */
async function otherHolder(id: string, platform: NodeJS.Platform) {
  const args = ['--import', 'tsx', 'test/integration/controller-hold-lock.ts', id, platform];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(line.toString()).toBe('held\n');
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { child, kill };
}

describe.each(platforms)('the lock of a stack, as on %s', (platform) => {
  test('kill -9 frees it; a stopped process still holds it', async () => {
    const id = randomUUID();
    const { child, kill } = await otherHolder(id, platform);
    expect(await peekStackLock(id, { platform })).toMatchObject({
      pid: child.pid,
      manifest: '/work/manifest.yaml',
    });
    child.kill('SIGSTOP');
    expect(await peekStackLock(id, { platform })).toBe('unknown');
    expect(await acquireStackLock(id, holder, { platform })).toEqual({ heldBy: 'unknown' });
    await kill();
    expect(await peekStackLock(id, { platform })).toBeUndefined();
    await acquire(id, platform);
  });
});
