/** A git source that takes only what is signed: real keys, real signatures, and what stays when one is missing. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { GitSource } from '../../src/controller/git/git-source.js';
import { SOURCE_DEFAULTS, type SourceSpec } from '../../src/controller/git/source-spec.js';
import { TestRepository } from '../support/git-server.js';

const run = promisify(execFile);
const NEVER_MS = 1_000_000_000;

/** A repository whose committer signs when told to, a folder of trusted keys, and a source that is not started. */
async function scene() {
  const repository = await TestRepository.create();
  const [keys, key] = [join(repository.root, 'keys'), join(repository.root, 'ann')];
  await mkdir(keys);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ann', '-f', key]);
  await copyFile(`${key}.pub`, join(keys, 'ann.pub'));
  await repository.git('config', 'gpg.format', 'ssh');
  await repository.git('config', 'user.signingKey', key);
  const spec: SourceSpec = {
    ...SOURCE_DEFAULTS,
    ...{ url: repository.bare, pollMs: NEVER_MS, verify: { mode: 'head', keys } },
  };
  const dir = join(repository.root, 'state', 'source');
  const open = (changes: Partial<SourceSpec> = {}) => {
    const source = new GitSource({ spec: { ...spec, ...changes }, dir, onChange: () => undefined });
    onTestFinished(() => source.stop());
    return source;
  };
  return { repository, keys, dir, open };
}

test('an unsigned commit is not laid out, the last verified one stays, and a signed one follows', async () => {
  const { repository, dir, open } = await scene();
  const signed = await repository.commit({ 'manifest.yaml': 'one\n' }, 'One', '-S');
  await repository.git('push', '--quiet', 'origin', 'main');
  const source = open();
  await source.start();
  expect(source.now()).toMatchObject({
    ready: { ok: true },
    verified: { ok: true },
    revision: { commit: signed },
  });
  expect(source.now().revision?.signer).toContain('SHA256:');

  const unsigned = await repository.push({ 'manifest.yaml': 'two\n' }, 'Two');
  await source.look();
  expect(source.now()).toMatchObject({ ready: { ok: true }, verified: { ok: false, reason: 'Unsigned' } });
  expect(source.now().verified?.message).toContain(`${signed.slice(0, 7)} stays in force`);
  expect(source.now().revision?.commit).toBe(signed);
  expect(await readdir(join(dir, 'revisions'))).toEqual([signed]);
  expect(unsigned).not.toBe(signed);

  const third = await repository.commit({ 'manifest.yaml': 'three\n' }, 'Three', '-S');
  await repository.git('push', '--quiet', 'origin', 'main');
  await source.look();
  expect(source.now()).toMatchObject({ verified: { ok: true }, revision: { commit: third } });
  expect(await readFile(join(dir, 'current', 'manifest.yaml'), 'utf8')).toBe('three\n');
});

test('a key that is taken away is noticed without a commit, and one that comes is believed', async () => {
  const { repository, keys, open } = await scene();
  const signed = await repository.commit({ 'manifest.yaml': 'one\n' }, 'One', '-S');
  await repository.git('push', '--quiet', 'origin', 'main');
  await rename(join(keys, 'ann.pub'), join(repository.root, 'ann.away'));
  const source = open();
  await source.start();
  expect(source.now()).toMatchObject({ verified: { ok: false, reason: 'NoKeys' } });
  expect(source.now().revision).toBeUndefined();
  await rename(join(repository.root, 'ann.away'), join(keys, 'ann.pub'));
  await source.look();
  expect(source.now()).toMatchObject({ verified: { ok: true }, revision: { commit: signed } });
  await rm(join(keys, 'ann.pub'));
  await source.look();
  expect(source.now()).toMatchObject({ verified: { ok: false }, revision: { commit: signed } });
});

test('a restart without the repository takes up only what was verified', async () => {
  const { repository, open } = await scene();
  await repository.push({ 'manifest.yaml': 'one\n' });
  const spec = { ...SOURCE_DEFAULTS, url: repository.bare, pollMs: NEVER_MS };
  const dir = join(repository.root, 'state', 'source');
  const trusting = new GitSource({ spec, dir, onChange: () => undefined });
  await trusting.start();
  expect(trusting.now().revision).toBeDefined();
  await trusting.stop();
  await rename(repository.bare, `${repository.bare}.away`);
  const source = open();
  await source.start();
  expect(source.now()).toMatchObject({ ready: { ok: false } });
  expect(source.now().revision).toBeUndefined();
});

test('a signed tag of a range of versions', async () => {
  const { repository, keys, open } = await scene();
  await repository.commit({ 'manifest.yaml': 'one\n' });
  await repository.git('tag', '-s', 'v1.0.0', '-m', 'One');
  await repository.push({ 'manifest.yaml': 'two\n' });
  await repository.git('tag', '-a', 'v1.1.0', '-m', 'Two');
  const source = open({ verify: { mode: 'tag', keys }, ref: { kind: 'semver', range: '^1' } });
  await source.start();
  expect(source.now()).toMatchObject({ verified: { ok: true }, revision: { ref: 'v1.0.0' } });
  await repository.push({});
  await source.look();
  expect(source.now()).toMatchObject({
    verified: { ok: false, reason: 'Unsigned' },
    revision: { ref: 'v1.0.0' },
  });
});
