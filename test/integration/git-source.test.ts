/** A git source against real repositories and the real git: what is followed, what is refused, what stays. */
import { execFile } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { GitSource } from '../../src/controller/git/git-source.js';
import { readRef, type SourceRef } from '../../src/controller/git/ref.js';
import { SOURCE_DEFAULTS, type SourceSpec } from '../../src/controller/git/source-spec.js';
import { TestRepository } from '../support/git-server.js';
import { until } from '../support/until.js';

const run = promisify(execFile);
/** So long that nothing is looked at by the poll. */
const NEVER_MS = 1_000_000_000;

/** A source in a folder of its own; `ref` as people write it. */
async function sourceOf(repository: TestRepository, ref?: string, more: Partial<SourceSpec> = {}) {
  const dir = join(repository.root, 'state', 'source');
  const spec = { ...SOURCE_DEFAULTS, url: repository.bare, pollMs: NEVER_MS, ref: refOf(ref), ...more };
  let changes = 0;
  const source = new GitSource({ spec, dir, onChange: () => (changes += 1) });
  onTestFinished(() => source.stop());
  return {
    dir,
    source,
    changes: () => changes,
    manifest: () => readFile(join(dir, 'current', spec.path), 'utf8').catch(() => undefined),
    follows: (commit: string) =>
      until(`follows ${commit}`, () => source.now().revision?.commit === commit, {
        explain: () => JSON.stringify(source.now()),
      }),
    says: (reason: string) =>
      until(`says ${reason}`, () => source.now().ready.reason === reason, {
        explain: () => JSON.stringify(source.now()),
      }),
  };
}

function refOf(text?: string): SourceRef {
  if (text === undefined) return { kind: 'default' };
  const read = readRef(text);
  if ('problem' in read) throw new Error(read.problem);
  return read.ref;
}

/** A started source of a repository with one commit. */
async function started(ref?: string, more: Partial<SourceSpec> = {}) {
  const repository = await TestRepository.create();
  const first = await repository.push({ 'manifest.yaml': 'one\n' }, 'One');
  const followed = await sourceOf(repository, ref, more);
  await followed.source.start();
  return { repository, first, ...followed };
}

describe('what is followed', () => {
  test('the default branch, with all that is told of a commit', async () => {
    const { source, first, dir, manifest } = await started();
    const { ready, revision, verified } = source.now();
    expect(ready).toMatchObject({
      ok: true,
      reason: 'Fetched',
      message: `main is at ${first.slice(0, 7)}: One`,
    });
    expect(verified).toBeUndefined();
    expect(revision).toMatchObject({
      commit: first,
      ref: 'main',
      author: 'Ann <ann@example.com>',
      subject: 'One',
    });
    expect(revision?.committedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(revision?.dir).toBe(join(dir, 'revisions', first));
    expect(revision?.changedPaths).toBeUndefined();
    expect(await manifest()).toBe('one\n');
    expect(await readlink(join(dir, 'current'))).toBe(join('revisions', first));
  });

  test('a push to a local repository is seen by itself, and says what changed', async () => {
    const { repository, source, follows, manifest } = await started();
    await source.settled(source.now().revision?.commit ?? '');
    const second = await repository.push(
      { 'manifest.yaml': 'two\n', 'policies/a b/ü.rego': 'package a\n' },
      'Two',
    );
    await follows(second);
    expect(source.now().revision?.changedPaths).toEqual(['manifest.yaml', 'policies/a b/ü.rego']);
    expect(await manifest()).toBe('two\n');
  });

  test('what changed counts from the commit that settled last: a harmless one behind it hides nothing', async () => {
    const { repository, source, follows } = await started();
    const changed = () => source.now().revision?.changedPaths;
    await follows(await repository.push({ 'policies/a.rego': 'package a\n' }));
    expect(changed()).toBeUndefined();
    await source.settled(source.now().revision?.commit ?? '');
    await follows(await repository.push({ 'policies/a.rego': 'package b\n' }));
    await follows(await repository.push({ README: 'harmless\n' }));
    expect(changed()).toEqual(['policies/a.rego', 'README']);
    await source.settled(source.now().revision?.commit ?? '');
    await follows(await repository.push({ README: 'again\n' }));
    expect(changed()).toEqual(['README']);
  });

  test('a commit in a work tree that is no bare repository', async () => {
    const repository = await TestRepository.create();
    await repository.commit({ 'manifest.yaml': 'one\n' });
    const { source, follows } = await sourceOf(repository, undefined, { url: repository.work });
    await source.start();
    const second = await repository.commit({ 'manifest.yaml': 'two\n' });
    await follows(second);
  });

  test('refs that are packed', async () => {
    const { repository, follows } = await started();
    const second = await repository.push({ 'manifest.yaml': 'two\n' });
    await run('git', ['-C', repository.bare, 'pack-refs', '--all', '--prune']);
    await follows(second);
    const third = await repository.push({ 'manifest.yaml': 'three\n' });
    await run('git', ['-C', repository.bare, 'pack-refs', '--all', '--prune']);
    await follows(third);
  });

  test('a branch with a slash, and no other', async () => {
    const { repository, first, source } = await started('team/one').catch(() => started());
    await source.stop();
    await repository.git('checkout', '--quiet', '-b', 'team/one');
    const there = await repository.push({ 'manifest.yaml': 'team\n' });
    await repository.git('checkout', '--quiet', 'main');
    await repository.push({ 'manifest.yaml': 'main\n' });
    const other = await sourceOf(repository, 'team/one');
    await other.source.start();
    expect(other.source.now().revision).toMatchObject({ commit: there, ref: 'team/one' });
    expect(there).not.toBe(first);
  });

  test('a tag, light or annotated, is the commit that it leads to', async () => {
    const { repository, first, source } = await started();
    await source.stop();
    await repository.git('tag', 'light');
    await repository.git('tag', '-a', 'heavy', '-m', 'Release');
    await repository.push({ 'manifest.yaml': 'later\n' });
    for (const tag of ['light', 'heavy', 'refs/tags/heavy']) {
      const tagged = await sourceOf(repository, tag);
      await tagged.source.start();
      expect(tagged.source.now()).toMatchObject({
        ready: { ok: true },
        revision: { commit: first, ref: tag },
      });
      await tagged.source.stop();
    }
  });

  test('a tag that is moved', async () => {
    const { repository, source } = await started();
    await source.stop();
    await repository.git('tag', '-a', 'live', '-m', 'Live');
    await repository.push({});
    const tagged = await sourceOf(repository, 'live');
    await tagged.source.start();
    const moved = await repository.commit({ 'manifest.yaml': 'moved\n' });
    await repository.git('tag', '-f', '-a', 'live', '-m', 'Live again');
    await repository.push({});
    const live = await repository.git('rev-parse', 'live^{commit}');
    expect(live).toBe(moved);
    await tagged.follows(live);
  });

  test('a commit, whole or by its first digits, and a later push does not matter', async () => {
    const { repository, first, source } = await started();
    await source.stop();
    await repository.push({ 'manifest.yaml': 'two\n' });
    for (const name of [first, first.slice(0, 9)]) {
      const pinned = await sourceOf(repository, name);
      await rm(join(pinned.dir, 'mirror.git'), { recursive: true });
      await pinned.source.start();
      expect(pinned.source.now()).toMatchObject({
        ready: { ok: true },
        revision: { commit: first, ref: name },
      });
      const before = pinned.changes();
      await pinned.source.look();
      expect(pinned.changes()).toBe(before);
      await pinned.source.stop();
    }
  });

  test('the newest tag of a range of versions, and the next one when it comes', async () => {
    const { repository, source } = await started();
    await source.stop();
    for (const tag of ['v1.2.0', 'v1.10.0', 'v2.0.0', 'v1.11.0-rc.1', 'nightly'])
      await repository.git('tag', tag);
    await repository.push({});
    const ranged = await sourceOf(repository, 'semver:^1.2');
    await ranged.source.start();
    expect(ranged.source.now().revision?.ref).toBe('v1.10.0');
    await repository.commit({ 'manifest.yaml': 'newer\n' });
    await repository.git('tag', '-a', 'v1.10.1', '-m', 'Fix');
    await repository.push({});
    await until('v1.10.1', () => ranged.source.now().revision?.ref === 'v1.10.1');
    expect(await ranged.manifest()).toBe('newer\n');
  });

  test('a force-push is followed and said, a plain push is not called one', async () => {
    const { repository, first, source, follows } = await started();
    await repository.commit({ 'manifest.yaml': 'two\n' }, 'Two');
    const third = await repository.push({ 'manifest.yaml': 'three\n' }, 'Three');
    await follows(third);
    await source.look();
    expect(source.now().ready.message).toBe(`main is at ${third.slice(0, 7)}: Three`);
    await repository.git('reset', '--quiet', '--hard', first);
    const other = await repository.push({ 'manifest.yaml': 'other\n' }, 'Other');
    await follows(other);
    await source.look();
    expect(source.now().ready.message).toContain(`main was rewritten: ${third.slice(0, 7)}, applied before`);
  });

  test('a branch that is set back is followed', async () => {
    const { repository, first, source, follows, manifest } = await started();
    await follows(await repository.push({ 'manifest.yaml': 'two\n' }));
    await repository.git('push', '--quiet', '--force', 'origin', `${first}:refs/heads/main`);
    await follows(first);
    await source.look();
    expect(await manifest()).toBe('one\n');
    expect(source.now().ready.message).toContain('rewritten');
  });

  test('files as they were committed, whatever their attributes say', async () => {
    const { repository, follows, dir } = await started();
    const attributes = '* text=auto eol=crlf ident\nsecret.txt export-ignore\n*.bin filter=lfs\n';
    const files = { '.gitattributes': attributes, 'secret.txt': 'a\n$Id$\n', 'x.bin': 'raw\n' };
    await follows(await repository.push(files));
    expect(await readFile(join(dir, 'current', 'secret.txt'), 'utf8')).toBe('a\n$Id$\n');
    expect(await readFile(join(dir, 'current', 'x.bin'), 'utf8')).toBe('raw\n');
  });

  test('many commits in a row: the newest wins, two stay on the disk', async () => {
    const { repository, follows, source, dir } = await started();
    let last = '';
    for (let n = 0; n < 12; n += 1) last = await repository.push({ 'manifest.yaml': `${String(n)}\n` });
    await follows(last);
    await source.look();
    const folders = await readdir(join(dir, 'revisions'));
    expect(folders).toHaveLength(2);
    expect(folders).toContain(last);
  });
});

describe('what goes away', () => {
  test('a branch that is deleted, and comes back', async () => {
    const { repository, first, source, says, manifest } = await started('main');
    await repository.git('push', '--quiet', 'origin', `${first}:refs/heads/other`, ':refs/heads/main');
    await says('RefNotFound');
    expect(source.now().ready.message).toContain(
      'there is no branch, tag or commit "main"; there are the branches other',
    );
    expect(source.now().revision?.commit).toBe(first);
    expect(await manifest()).toBe('one\n');
    await repository.git('push', '--quiet', 'origin', 'main');
    await says('Fetched');
  });

  test('a repository that is gone, and comes back', async () => {
    const { repository, first, source, says, follows } = await started();
    await rename(repository.bare, `${repository.bare}.away`);
    await source.look();
    expect(source.now()).toMatchObject({
      ready: { ok: false, reason: 'Unreachable' },
      revision: { commit: first },
    });
    const { since } = source.now().ready;
    await source.look();
    expect(source.now().ready.since).toBe(since);
    await rename(`${repository.bare}.away`, repository.bare);
    await says('Fetched');
    await follows(await repository.push({ 'manifest.yaml': 'back\n' }));
  });

  test('an empty repository waits for its first push', async () => {
    const repository = await TestRepository.create();
    const { source, follows } = await sourceOf(repository);
    await source.start();
    expect(source.now()).toMatchObject({ ready: { ok: false, reason: 'EmptyRepository' } });
    expect(source.now().revision).toBeUndefined();
    await follows(await repository.push({ 'manifest.yaml': 'one\n' }));
  });

  test('a manifest that a commit deletes: the last good one stays', async () => {
    const { repository, first, source, says, follows, manifest } = await started();
    await repository.push({ 'manifest.yaml': null, readme: 'x' });
    await says('ManifestMissing');
    expect(source.now().revision?.commit).toBe(first);
    expect(await manifest()).toBe('one\n');
    await follows(await repository.push({ 'manifest.yaml': 'again\n' }));
    expect(source.now().ready.ok).toBe(true);
  });
});

describe('what is refused', () => {
  const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;

  test.each([
    [
      'an absolute link',
      { link: { to: '/etc/passwd' } },
      'PathRefused',
      '"link" to "/etc/passwd", which is absolute',
    ],
    ['a link out', { 'a/link': { to: '../../x' } }, 'PathRefused', '"a/link" to "../../x", which leaves'],
    [
      'a link out by way of a link',
      { 'a/here': { to: '.' }, out: { to: 'a/here/../../x' } },
      'PathRefused',
      '"out"',
    ],
    ['a manifest in LFS', { 'manifest.yaml': POINTER }, 'LfsPointer', 'manifest.yaml in'],
    ['a policy in LFS', { 'policies/p/x.rego': POINTER }, 'LfsPointer', 'policies/p/x.rego in'],
    [
      'an env file in LFS',
      { 'manifest.yaml': 'services: {env_file: [e/.env]}\n', 'e/.env': POINTER },
      'LfsPointer',
      'e/.env in',
    ],
  ])('%s', async (_what, files, reason, words) => {
    const { repository, first, source, says, follows, dir } = await started();
    const bad = await repository.push(files);
    await says(reason);
    expect(source.now().ready.message).toContain(words);
    expect(source.now().ready.message).toContain(`${first.slice(0, 7)} stays in force`);
    expect(await readdir(join(dir, 'revisions'))).toEqual([first]);
    await repository.git('revert', '--no-edit', bad);
    await follows(await repository.push({}));
  });

  test('a submodule', async () => {
    const { repository, first, source, says } = await started();
    await repository.git('update-index', '--add', '--cacheinfo', `160000,${first},sub`);
    await repository.git('commit', '--quiet', '-m', 'Sub');
    await repository.git('push', '--quiet', 'origin', 'main');
    await says('PathRefused');
    expect(source.now().ready.message).toContain('submodule "sub"');
  });

  test('a submodule that is wanted is laid out, from beside the repository, and in its place', async () => {
    const { repository, dir, source, follows } = await started(undefined, { submodules: true });
    const library = await TestRepository.create();
    const wanted = await library.push({ 'env/a.env': 'A=1\n' });
    await library.push({ 'env/a.env': 'A=2\n' });
    const modules = `[submodule "lib"]\n\tpath = deep/lib\n\turl = ${library.bare}\n`;
    await repository.commit({ '.gitmodules': modules });
    await repository.git('update-index', '--add', '--cacheinfo', `160000,${wanted},deep/lib`);
    await repository.git('commit', '--quiet', '-m', 'Sub');
    await repository.git('push', '--quiet', 'origin', 'main');
    await follows(await repository.git('rev-parse', 'HEAD'));
    expect(await readFile(join(dir, 'current', 'deep/lib/env/a.env'), 'utf8')).toBe('A=1\n');
    const other = await library.push({ 'env/b.env': { to: '../../../../b' } });
    await repository.git('update-index', '--add', '--cacheinfo', `160000,${other},deep/lib`);
    await repository.git('commit', '--quiet', '-m', 'Sub that leaves');
    await repository.git('push', '--quiet', 'origin', 'main');
    await until('it is refused', () => source.now().ready.reason === 'PathRefused');
    expect(source.now().ready.message).toContain('"deep/lib/env/b.env"');
  });

  test('links that stay inside are kept', async () => {
    const { repository, follows, dir } = await started();
    await follows(
      await repository.push({ 'stacks/a.yaml': 'a\n', 'manifest.yaml': { to: 'stacks/a.yaml' } }),
    );
    expect((await lstat(join(dir, 'current', 'manifest.yaml'))).isSymbolicLink()).toBe(true);
  });

  test('more than the limit, in what comes and in what lies there', async () => {
    const { repository, first, source, says } = await started(undefined, {
      limits: { maxBytes: 1024 ** 2, timeoutMs: 60_000 },
    });
    await repository.push({ big: 'a'.repeat(3 * 1024 ** 2) });
    await says('TooLarge');
    expect(source.now().revision?.commit).toBe(first);
    const noise = Array.from({ length: 60_000 }, () => Math.random().toString(36))
      .join('\n')
      .repeat(3);
    await repository.push({ big: noise.slice(0, 900_000), more: [...noise].reverse().join('') });
    await source.look();
    expect(source.now().ready.reason).toBe('TooLarge');
  });
});

describe('a path of its own', () => {
  test('with spaces and more in it', async () => {
    const repository = await TestRepository.create();
    const path = 'my stacks/größe №1/the manifest.yaml';
    const commit = await repository.push({ [path]: 'one\n' }, 'Überschrift \u001b[31mred');
    const { source, manifest } = await sourceOf(repository, undefined, { path });
    await source.start();
    expect(source.now().revision).toMatchObject({ commit, subject: 'Überschrift [31mred' });
    expect(await manifest()).toBe('one\n');
  });
});

/** As a power cut leaves them. */
async function emptyRefs(mirror: string): Promise<void> {
  for (const name of ['fetched', 'applied']) await writeFile(join(mirror, 'refs', 'source', name), '');
}

async function spoilPacks(mirror: string): Promise<void> {
  const folder = join(mirror, 'objects', 'pack');
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.pack'))) {
    await chmod(join(folder, name), 0o600);
    await writeFile(join(folder, name), 'rubbish');
  }
}

describe('a mirror that is damaged while it is followed is made anew', () => {
  test.each([
    ['refs of zero bytes', emptyRefs],
    ['a configuration of rubbish', (mirror: string) => writeFile(join(mirror, 'config'), '[')],
    [
      'a file in its place',
      async (mirror: string) => {
        await rm(mirror, { recursive: true });
        await writeFile(mirror, 'rubbish\n');
      },
    ],
    ['a lock that a killed git left', (mirror: string) => writeFile(join(mirror, 'shallow.lock'), '')],
    ['packs of rubbish', spoilPacks],
  ])('%s', async (_what, damage) => {
    const { repository, source, dir, follows } = await started();
    await damage(join(dir, 'mirror.git'));
    await follows(await repository.push({ 'manifest.yaml': 'two\n' }));
    expect(source.now().ready.ok).toBe(true);
  });
});

describe('what a person removes while it is followed is made again', () => {
  test.each([
    ['all of it', () => ''],
    ['the checkout', (commit: string) => join('revisions', commit)],
    ['the manifest in it', (commit: string) => join('revisions', commit, 'manifest.yaml')],
  ])('%s, without a new commit, which is news', async (_what, removed) => {
    const { first, source, dir, manifest, changes } = await started();
    await rm(join(dir, removed(first)), { recursive: true });
    const before = changes();
    await source.look();
    expect(source.now()).toMatchObject({ ready: { ok: true }, revision: { commit: first } });
    expect(await manifest()).toBe('one\n');
    expect(changes()).toBeGreaterThan(before);
    expect((await stat(join(dir, 'source.json'))).mode & 0o777).toBe(0o600);
    const after = changes();
    await source.look();
    expect(changes()).toBe(after);
  });

  test('all of it, of a commit that was pinned', async () => {
    const { first, source, repository } = await started();
    await source.stop();
    const pinned = await sourceOf(repository, first);
    await pinned.source.start();
    await rm(pinned.dir, { recursive: true });
    await pinned.source.look();
    expect(pinned.source.now()).toMatchObject({ ready: { ok: true }, revision: { commit: first } });
    expect(await pinned.manifest()).toBe('one\n');
  });

  test('all of it, and a push goes on', async () => {
    const { repository, source, dir, follows, manifest } = await started();
    await rm(dir, { recursive: true });
    await follows(await repository.push({ 'manifest.yaml': 'two\n' }));
    expect(source.now().ready).toMatchObject({ ok: true, reason: 'Fetched' });
    expect(source.now().ready.message).not.toContain('rewritten');
    expect(await manifest()).toBe('two\n');
  });

  test('all of it, of the commit in force behind one that is refused', async () => {
    const { repository, first, source, dir, says, manifest } = await started();
    await repository.push({ 'manifest.yaml': null, readme: 'x' });
    await says('ManifestMissing');
    await rm(dir, { recursive: true });
    await source.look();
    expect(source.now()).toMatchObject({
      ready: { ok: false, reason: 'ManifestMissing' },
      revision: { commit: first },
    });
    expect(await manifest()).toBe('one\n');
  });

  test('the checkout, once the repository is back', async () => {
    const { repository, first, source, dir, manifest } = await started();
    await rm(dir, { recursive: true });
    await rename(repository.bare, `${repository.bare}.away`);
    await source.look();
    expect(source.now()).toMatchObject({ ready: { ok: false, reason: 'Unreachable' } });
    await rename(`${repository.bare}.away`, repository.bare);
    await source.look();
    expect(source.now()).toMatchObject({ ready: { ok: true }, revision: { commit: first } });
    expect(await manifest()).toBe('one\n');
  });

  test('and what stands in its place is named', async () => {
    const { source, dir, manifest } = await started();
    await rm(dir, { recursive: true });
    await writeFile(dir, 'mine\n');
    await source.look();
    expect(source.now().ready).toMatchObject({ ok: false, reason: 'NotStored' });
    expect(source.now().ready.message).toContain(
      `${join(dir, 'mirror.git')} cannot be read or written: a part of its path is not a directory`,
    );
    await rm(dir);
    await source.look();
    expect(source.now().ready.ok).toBe(true);
    expect(await manifest()).toBe('one\n');
  });
});

describe('a mirror that is sound', () => {
  const madeAt = async (dir: string) => (await stat(join(dir, 'mirror.git'))).birthtimeMs;

  test('is not lost to a server that is away', async () => {
    const { repository, source, dir } = await started();
    const before = await madeAt(dir);
    await rename(repository.bare, `${repository.bare}.away`);
    await source.look();
    expect(source.now().ready.reason).toBe('Unreachable');
    expect(await madeAt(dir)).toBe(before);
  });

  test('is lost once for a commit that a server names and cannot send', async () => {
    const { repository, source, dir } = await started();
    await source.stop();
    await repository.push({ 'manifest.yaml': 'two\n' });
    const tree = await repository.git('rev-parse', 'HEAD^{tree}');
    const object = join(repository.bare, 'objects', tree.slice(0, 2), tree.slice(2));
    await rename(object, `${object}.away`);
    const again = await sourceOf(repository);
    const before = await madeAt(dir);
    await again.source.start();
    const made = await madeAt(dir);
    expect(made).not.toBe(before);
    await again.source.look();
    expect(again.source.now().ready.ok).toBe(false);
    expect(await madeAt(dir)).toBe(made);
    await rename(`${object}.away`, object);
    await again.source.look();
    expect(again.source.now().ready.ok).toBe(true);
  });
});

describe('a restart', () => {
  test('without the repository goes on with the last good revision, from a file for its owner alone', async () => {
    const { repository, first, source, dir } = await started();
    await source.stop();
    await rename(repository.bare, `${repository.bare}.away`);
    const again = await sourceOf(repository);
    await again.source.start();
    expect(again.source.now()).toMatchObject({
      ready: { ok: false, reason: 'Unreachable' },
      revision: { commit: first, subject: 'One' },
    });
    expect(await again.manifest()).toBe('one\n');
    expect((await stat(join(dir, 'source.json'))).mode & 0o777).toBe(0o600);
  });

  test('makes a damaged revision whole again, without the repository', async () => {
    const { repository, first, source, dir } = await started();
    await source.stop();
    await rename(repository.bare, `${repository.bare}.away`);
    await writeFile(join(dir, 'revisions', first, 'manifest.yaml'), '');
    const again = await sourceOf(repository);
    await again.source.start();
    expect(await again.manifest()).toBe('one\n');
  });

  test.each([
    [
      'locks that a killed git left',
      async (dir: string) => {
        for (const name of ['shallow.lock', 'refs/source/fetched.lock', 'config.lock'])
          await writeFile(join(dir, 'mirror.git', name), '');
      },
    ],
    ['refs of zero bytes', (dir: string) => emptyRefs(join(dir, 'mirror.git'))],
    [
      'a mirror without its objects',
      (dir: string) => rm(join(dir, 'mirror.git', 'objects'), { recursive: true }),
    ],
    [
      'a mirror of rubbish',
      async (dir: string) => {
        await rm(join(dir, 'mirror.git'), { recursive: true });
        await mkdir(join(dir, 'mirror.git'));
        await writeFile(join(dir, 'mirror.git', 'HEAD'), 'rubbish');
      },
    ],
    ['a memory of rubbish', (dir: string) => writeFile(join(dir, 'source.json'), '{"revision": 7')],
    [
      'half a revision',
      async (dir: string) => {
        await mkdir(join(dir, 'revisions', `${'a'.repeat(40)}~`));
      },
    ],
  ])('gets over %s', async (_what, damage) => {
    const { repository, source, dir } = await started();
    await source.stop();
    await damage(dir);
    const second = await repository.push({ 'manifest.yaml': 'two\n' });
    const again = await sourceOf(repository);
    await again.source.start();
    await again.follows(second);
    expect(again.source.now().ready).toMatchObject({ ok: true });
    expect((await readdir(join(dir, 'revisions'))).filter((name) => name.endsWith('~'))).toEqual([]);
  });

  test('gets over a damaged revision whose mirror has lost a file of it', async () => {
    const { repository, source, dir, follows } = await started();
    const packs = join(dir, 'mirror.git', 'objects', 'pack');
    const ofFirst = await readdir(packs);
    const second = await repository.push({ README: 'later\n' });
    await follows(second);
    await source.stop();
    for (const name of ofFirst) await rm(join(packs, name));
    await writeFile(join(dir, 'revisions', second, 'manifest.yaml'), '');
    const again = await sourceOf(repository);
    await again.source.start();
    expect(again.source.now()).toMatchObject({ ready: { ok: true } });
    expect(await again.manifest()).toBe('one\n');
  });

  test('with another path does not take up what was good for the old one', async () => {
    const { repository, source, dir } = await started();
    await source.stop();
    await rename(repository.bare, `${repository.bare}.away`);
    const again = await sourceOf(repository, undefined, { path: 'other.yaml' });
    await again.source.start();
    expect(again.source.now().revision).toBeUndefined();
    await expect(lstat(join(dir, 'current'))).rejects.toThrow('ENOENT');
  });
});
