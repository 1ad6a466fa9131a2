/** What is left in a folder where there is no valid manifest yet. */
import { existsSync } from 'node:fs';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stackPaths } from '../../../src/cli/basics/paths.js';
import { firstManifest } from '../../../src/cli/loop/first-manifest.js';
import type { Reporter } from '../../../src/cli/telling/reporter.js';
import { until } from '../../support/until.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

const reporter = { onEvent: () => undefined } as unknown as Reporter;

async function folder(manifest?: string) {
  const paths = stackPaths({ manifest: join(await temporaryDirectory(), 'manifest.yaml') });
  if (manifest !== undefined) {
    await writeFile(paths.manifest, manifest);
    await utimes(paths.manifest, 0, 0);
  }
  return paths;
}

test('by a command, where there is none: nothing', async () => {
  const paths = await folder();
  const { signal } = new AbortController();
  expect(await firstManifest(paths, { wait: false, signal, reporter })).toBeUndefined();
  expect(existsSync(paths.status)).toBe(false);
});

test('by a command, where it is not valid: a status that says so', async () => {
  const paths = await folder('services: 7\n');
  const { signal } = new AbortController();
  expect(await firstManifest(paths, { wait: false, signal, reporter })).toBeUndefined();
  expect(existsSync(paths.status)).toBe(true);
});

test('by a controller that waits for one: a status that says so', async () => {
  const paths = await folder();
  const stop = new AbortController();
  const ended = firstManifest(paths, { wait: true, signal: stop.signal, reporter });
  await until('it is there', () => existsSync(paths.status));
  stop.abort();
  expect(await ended).toBeUndefined();
});
