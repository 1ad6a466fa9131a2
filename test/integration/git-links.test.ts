/** When a folder gets the links of a stack from git: with the first revision, and not for a look that fails. */
import { lstat, mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stackPaths } from '../../src/cli/basics/paths.js';
import { firstRevision } from '../../src/cli/source/first-revision.js';
import { openSource } from '../../src/cli/source/open-source.js';
import type { Reporter } from '../../src/cli/telling/reporter.js';
import { SOURCE_DEFAULTS } from '../../src/controller/git/source-spec.js';
import { TestRepository } from '../support/git-server.js';

const once = {
  wait: false,
  signal: new AbortController().signal,
  reporter: { onEvent: () => undefined } as unknown as Reporter,
};

test('a first look that fails leaves no link in the folder, and the first revision brings them', async () => {
  const repository = await TestRepository.create();
  const folder = join(repository.root, 'stack');
  await mkdir(folder);
  const options = { manifest: join(folder, 'manifest.yaml') };
  const paths = stackPaths(options);
  const source = await openSource({ ...SOURCE_DEFAULTS, url: repository.bare }, options, paths);
  onTestFinished(() => source.close());
  await expect(firstRevision(source.git, paths, once)).rejects.toThrow('the git source');
  expect(await readdir(folder)).toEqual(['.swiftdeploy']);
  await repository.push({ 'manifest.yaml': 'one\n' });
  await source.git.look();
  expect(await firstRevision(source.git, paths, once)).toBe(true);
  await source.link();
  expect(await readFile(paths.manifest, 'utf8')).toBe('one\n');
  expect((await lstat(join(folder, 'policies'))).isSymbolicLink()).toBe(true);
});
