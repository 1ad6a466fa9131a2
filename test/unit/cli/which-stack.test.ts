import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stackPaths } from '../../../src/cli/basics/paths.js';
import { whichStack } from '../../../src/cli/basics/which-stack.js';
import { EMPTY_STATUS } from '../../support/empty-status.js';

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swd-which-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function ofStatus(stack: string): Promise<string> {
  await writeFile(join(dir, 'status.json'), JSON.stringify({ ...EMPTY_STATUS, stack }));
  return whichStack(stackPaths({ manifest: join(dir, 'manifest.yaml') }));
}

test('is told by the last status where nobody else knows', async () => {
  expect(await ofStatus('shop')).toBe('shop');
});

test.each(['', 'unknown'])(
  'is not told by the status of a stack whose manifest never was valid (%j)',
  async (stack) => {
    await expect(ofStatus(stack)).rejects.toThrow('which stack? ');
  },
);
