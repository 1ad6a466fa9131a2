/** A stack that cannot be put together leaves nothing open behind it. */
import { randomUUID } from 'node:crypto';
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tryLock } from '../../../src/cli/basics/lock.js';
import { stackPaths } from '../../../src/cli/basics/paths.js';
import type { Session } from '../../../src/cli/basics/session.js';
import { openStack } from '../../../src/cli/loop/open-stack.js';
import type { Reporter } from '../../../src/cli/telling/reporter.js';
import type { StackSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

async function openFiles(): Promise<readonly string[]> {
  const descriptors = await readdir('/proc/self/fd');
  return Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
}

test.skipIf(process.platform !== 'linux')('the history is closed, and the lock given back', async () => {
  const options = { manifest: join(await temporaryDirectory(), 'manifest.yaml') };
  const paths = stackPaths(options);
  const info = { id: `engine-${randomUUID()}` };
  const engine = { listContainers: () => Promise.resolve([]) };
  const session = { options, paths, info, engine, stop: AbortSignal.any([]) } as unknown as Session;
  const lock = await tryLock(session, 'shop');
  if ('heldBy' in lock) throw new Error('the lock is taken');
  const reporter = { onProgress: () => undefined, onNotice: () => undefined } as unknown as Reporter;
  const noStack = {} as StackSpec;
  await expect(openStack({ session, stack: noStack, lock, reporter })).rejects.toThrow(TypeError);
  expect((await openFiles()).filter((path) => path === paths.history)).toEqual([]);
  const again = await tryLock(session, 'shop');
  expect(again).not.toHaveProperty('heldBy');
  if (!('heldBy' in again)) await again.release();
});
