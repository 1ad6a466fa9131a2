/** The links that a stack from git has where others have files. */
import { lstat, mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stackPaths } from '../../../src/cli/basics/paths.js';
import { comesFromGit, linkSource, refuseGitManifest, sourceDir } from '../../../src/cli/source/links.js';

let dir = '';
const paths = () => stackPaths({ manifest: join(dir, 'manifest.yaml') });

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swd links-'));
});
afterEach(() => rm(dir, { recursive: true }));

test('manifest and policies lead into the current revision, wherever in the repository they are', async () => {
  await linkSource(paths(), 'deploy/blue/manifest.yaml');
  const current = join(sourceDir(paths()), 'current/deploy/blue');
  await mkdir(join(current, 'policies'), { recursive: true });
  await writeFile(join(current, 'manifest.yaml'), 'from git');
  await writeFile(join(current, 'policies/a.rego'), 'rules');
  expect(await readFile(join(dir, 'manifest.yaml'), 'utf8')).toBe('from git');
  expect(await readFile(join(dir, 'policies/a.rego'), 'utf8')).toBe('rules');
  expect(await readlink(join(dir, 'manifest.yaml'))).toBe(
    '.swiftdeploy/source/current/deploy/blue/manifest.yaml',
  );
  expect(await comesFromGit(paths())).toBe(true);
  await expect(refuseGitManifest(paths())).rejects.toThrow(/comes from git: .*Nothing was changed/);
});

test('another path of the same source replaces them', async () => {
  await linkSource(paths(), 'a.yaml');
  await linkSource(paths(), 'b.yaml');
  expect(await readlink(join(dir, 'manifest.yaml'))).toBe('.swiftdeploy/source/current/b.yaml');
});

test.each(['manifest.yaml', 'policies'])(
  "a person's own %s is not touched, and nothing is linked",
  async (name) => {
    await writeFile(join(dir, name), 'mine');
    await expect(linkSource(paths(), 'manifest.yaml')).rejects.toThrow(
      /is here already.*Nothing was changed/,
    );
    expect(await readFile(join(dir, name), 'utf8')).toBe('mine');
    const other = name === 'policies' ? 'manifest.yaml' : 'policies';
    await expect(lstat(join(dir, other))).rejects.toThrow(/ENOENT/);
    expect(await comesFromGit(paths())).toBe(false);
    await refuseGitManifest(paths());
  },
);
