/** What `prune` takes for a word that the stack should go, against real repositories: a deletion, and nothing else. */
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { GitSource } from '../../src/controller/git/git-source.js';
import { SOURCE_DEFAULTS, type SourceSpec } from '../../src/controller/git/source-spec.js';
import { TestRepository } from '../support/git-server.js';

/** So long that only `look()` looks. */
const NEVER_MS = 1_000_000_000;

function sourceOf(repository: TestRepository, more: Partial<SourceSpec> = {}) {
  const spec = { ...SOURCE_DEFAULTS, url: repository.bare, pollMs: NEVER_MS, prune: true, ...more };
  const dir = join(repository.root, 'state', 'source');
  const source = new GitSource({ spec, dir, onChange: () => undefined });
  onTestFinished(() => source.stop());
  return source;
}

/** Follows a repository with one commit. */
async function started(more: Partial<SourceSpec> = {}) {
  const repository = await TestRepository.create();
  const first = await repository.push({ 'manifest.yaml': 'one\n', README: 'shop\n' }, 'One');
  const source = sourceOf(repository, more);
  await source.start();
  return { repository, first, source };
}

describe('a commit that deletes the manifest', () => {
  test('is a deletion, which is remembered over restarts, and over a repository that is gone', async () => {
    const { repository, first, source } = await started();
    const gone = await repository.push({ 'manifest.yaml': null }, 'No shop any more');
    await source.look();
    expect(source.now()).toMatchObject({
      ready: { ok: true, reason: 'Pruned' },
      revision: { commit: first },
      deletion: { commit: gone, ref: 'main', author: 'Ann <ann@example.com>', subject: 'No shop any more' },
    });
    await source.stop();
    await rename(repository.bare, `${repository.bare}~`);
    const next = sourceOf(repository);
    await next.start();
    expect(next.now()).toMatchObject({
      ready: { ok: false, reason: 'Unreachable' },
      deletion: { commit: gone },
    });
    expect(next.now().ready.message).toContain(`stays removed, as of ${gone.slice(0, 7)}`);
  });

  test('several commits later, and without a manifest still, it is the newest of them', async () => {
    const { repository, source } = await started();
    await repository.commit({ 'manifest.yaml': null });
    const last = await repository.push({ README: 'closed\n' });
    await source.look();
    expect(source.now().deletion?.commit).toBe(last);
    const later = await repository.push({ README: 'still closed\n' });
    await source.look();
    expect(source.now().deletion?.commit).toBe(later);
  });

  test('is over when the manifest comes back, by a new commit or by the old one', async () => {
    const { repository, first, source } = await started();
    await repository.push({ 'manifest.yaml': null });
    await source.look();
    const back = await repository.push({ 'manifest.yaml': 'two\n' });
    await source.look();
    expect(source.now()).toMatchObject({ ready: { reason: 'Fetched' }, revision: { commit: back } });
    expect(source.now().deletion).toBeUndefined();
    await repository.push({ 'manifest.yaml': null });
    await source.look();
    expect(source.now().deletion).toBeDefined();
    await repository.git('reset', '--quiet', '--hard', back);
    await repository.push({}, 'nothing else');
    await source.look();
    expect(source.now().deletion).toBeUndefined();
    expect(first).not.toBe(back);
  });

  test('to the very commit in force, pushed back by force, too', async () => {
    const { repository, first, source } = await started();
    await repository.push({ 'manifest.yaml': null });
    await source.look();
    await repository.git('push', '--quiet', '--force', 'origin', `${first}:main`);
    await source.look();
    expect(source.now()).toMatchObject({ ready: { reason: 'Fetched' }, revision: { commit: first } });
    expect(source.now().deletion).toBeUndefined();
  });

  test('asks only, without prune', async () => {
    const { repository, first, source } = await started({ prune: false });
    await repository.push({ 'manifest.yaml': null });
    await source.look();
    expect(source.now()).toMatchObject({ ready: { reason: 'ManifestMissing' }, revision: { commit: first } });
    expect(source.now().deletion).toBeUndefined();
  });
});

describe('what is no deletion', () => {
  const cases: readonly (readonly [string, string, (repository: TestRepository) => Promise<unknown>])[] = [
    [
      'a history rewritten to one without a manifest',
      'ManifestMissing',
      async (repository) => {
        await repository.git('checkout', '--quiet', '--orphan', 'other');
        await repository.commit({ 'manifest.yaml': null }, 'Another beginning');
        await repository.git('push', '--quiet', '--force', 'origin', 'HEAD:main');
      },
    ],
    [
      'a branch that is gone',
      'RefNotFound',
      (repository) => repository.git('push', '--quiet', 'origin', 'main:other', ':main'),
    ],
    [
      'a manifest that is a link to nowhere',
      'ManifestMissing',
      (repository) => repository.push({ 'manifest.yaml': { to: 'elsewhere.yaml' } }),
    ],
    [
      'a manifest that is a folder',
      'ManifestMissing',
      (repository) => repository.push({ 'manifest.yaml': null, 'manifest.yaml/part': 'one\n' }),
    ],
    ['an empty repository', 'EmptyRepository', (repository) => emptied(repository)],
    ['a repository that is gone', 'Unreachable', (repository) => rm(repository.bare, { recursive: true })],
  ];
  test.each(cases)('%s', async (_what, reason, act) => {
    const { repository, first, source } = await started();
    await act(repository);
    await source.look();
    expect(source.now()).toMatchObject({ ready: { ok: false, reason }, revision: { commit: first } });
    expect(source.now().deletion).toBeUndefined();
  });

  test('a manifest that is half written: it is there', async () => {
    const { repository, source } = await started();
    const half = await repository.push({ 'manifest.yaml': 'services:\n  na' });
    await source.look();
    expect(source.now().revision?.commit).toBe(half);
    expect(source.now().deletion).toBeUndefined();
  });

  test('a tag, or a version, without a manifest', async () => {
    const repository = await TestRepository.create();
    await repository.commit({ 'manifest.yaml': 'one\n' });
    await repository.git('tag', 'v1.0.0');
    await repository.push({});
    const source = sourceOf(repository, { ref: { kind: 'semver', range: '^1.0.0' } });
    await source.start();
    await repository.commit({ 'manifest.yaml': null });
    await repository.git('tag', 'v1.1.0');
    await repository.push({});
    await source.look();
    expect(source.now()).toMatchObject({ ready: { ok: false, reason: 'ManifestMissing' } });
    expect(source.now().deletion).toBeUndefined();
  });

  test('a repository that never had one here: there is nothing to remove', async () => {
    const repository = await TestRepository.create();
    await repository.push({ README: 'nothing yet\n' });
    const source = sourceOf(repository);
    await source.start();
    expect(source.now()).toMatchObject({ ready: { ok: false, reason: 'ManifestMissing' } });
    expect(source.now().deletion).toBeUndefined();
  });
});

/** The same address, and nothing in it any more. */
async function emptied(repository: TestRepository): Promise<void> {
  await repository.git('push', '--quiet', 'origin', ':main');
  const refs = await repository.git('ls-remote', 'origin');
  expect(refs).toBe('');
}
