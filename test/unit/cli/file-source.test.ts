/** Which folder of policies decides, as it comes and goes beside the manifest. */
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SHIPPED_POLICIES } from '../../../src/cli/basics/paths.js';
import { fileSource } from '../../../src/cli/loop/file-source.js';
import type { StackSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import { stack } from '../../support/model/stacks.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

test('the shipped policies decide until there is a folder of their own, and not again when it goes away', async () => {
  const dir = await temporaryDirectory();
  const own = join(dir, 'policies');
  const source = fileSource({ manifest: join(dir, 'manifest.yaml') });
  const decides = () => source.now().policiesFor(stack([]));
  expect(decides()).toBe(SHIPPED_POLICIES);
  await mkdir(own);
  expect(decides()).toBe(own);
  await rename(own, join(dir, 'aside'));
  expect(decides()).toBe(own);
});

test('an edit of the manifest chooses no other policies, also where those that decide are gone', async () => {
  const dir = await temporaryDirectory();
  const manifest = join(dir, 'manifest.yaml');
  const own = join(dir, 'policies');
  const { policiesFor } = fileSource({ manifest }).now();
  const unnamed = stack([]);
  const open = naming('open');
  expect(policiesFor(unnamed)).toBe(SHIPPED_POLICIES);
  expect(policiesFor(open)).toBe(SHIPPED_POLICIES);
  await mkdir(own);
  expect(policiesFor(open)).toBe(own);
  await rename(own, join(dir, 'aside'));
  expect(policiesFor(open)).toBe(own);
});

test('what a manifest names decides from the start, where there is nothing else', async () => {
  const dir = await temporaryDirectory();
  const { policiesFor } = fileSource({ manifest: join(dir, 'manifest.yaml') }).now();
  expect(policiesFor(naming('rules'))).toBe(join(dir, 'rules'));
  expect(policiesFor(naming('open'))).toBe(join(dir, 'rules'));
  expect(policiesFor(stack([]))).toBe(join(dir, 'rules'));
});

function naming(policiesDir: string): StackSpec {
  const unnamed = stack([]);
  return { ...unnamed, policyEngine: { ...unnamed.policyEngine, policiesDir } };
}
