/** Which folder of policies decides, as it comes and goes beside the manifest. */
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SHIPPED_POLICIES } from '../../../src/cli/basics/paths.js';
import { fileSource } from '../../../src/cli/loop/file-source.js';
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
