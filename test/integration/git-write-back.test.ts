/** One file changed at the head of a branch, against real repositories: whose commit, which bytes, and who was faster. */
import { execFileSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRef } from '../../src/controller/git/ref.js';
import { SOURCE_DEFAULTS, type SourceSpec } from '../../src/controller/git/source-spec.js';
import { writeBack } from '../../src/controller/git/write-back.js';
import { GIT_ENVIRONMENT } from '../support/git-environment.js';
import { TestRepository } from '../support/git-server.js';
import { makeKey, SshServer } from '../support/ssh-server.js';

const MANIFEST = '# ours\r\nmode: "stable" # für jetzt\r\n';
const PROMOTED = MANIFEST.replace('stable', 'canary');
const CAROL = { name: 'Carol Ü', email: 'carol@example.com' };

async function scene() {
  const repository = await TestRepository.create();
  const first = await repository.push({ 'deploy/a b.yaml': MANIFEST, README: 'shop\n' }, 'One');
  const write = (
    more: Partial<SourceSpec> = {},
    beforePush = (): void => undefined,
    signal = AbortSignal.timeout(30_000),
  ) =>
    writeBack({
      spec: { ...SOURCE_DEFAULTS, url: repository.bare, path: 'deploy/a b.yaml', ...more },
      author: CAROL,
      message: 'Promote app: mode canary\n\nby hand',
      signal,
      edit: (bytes) => {
        beforePush();
        const text = bytes.toString();
        return text.includes('canary') ? undefined : Buffer.from(text.replace('stable', 'canary'));
      },
    });
  const served = (...args: string[]) =>
    execFileSync('git', ['--git-dir', repository.bare, ...args], { env: GIT_ENVIRONMENT }).toString();
  return { repository, first, write, served };
}

function refOf(text: string): Pick<SourceSpec, 'ref'> {
  const read = readRef(text);
  if ('problem' in read) throw new Error(read.problem);
  return read;
}

describe('a change that is written back', () => {
  test('is one commit on the branch, in the name of who asked; every other byte stays', async () => {
    const { first, write, served } = await scene();
    const written = await write();
    expect(written).toEqual({ branch: 'main', commit: served('rev-parse', 'main').trim(), isNew: true });
    expect(served('log', '-1', '--format=%P|%an <%ae>|%cn <%ce>|%s|%b', 'main').trim()).toBe(
      `${first}|Carol Ü <carol@example.com>|Carol Ü <carol@example.com>|Promote app: mode canary|by hand`,
    );
    expect(served('show', 'main:deploy/a b.yaml')).toBe(PROMOTED);
    expect(served('diff', '--name-only', first, 'main').trim()).toBe('deploy/a b.yaml');
  });

  test('is no commit where it is so already', async () => {
    const { write } = await scene();
    const { commit } = await write();
    expect(await write()).toEqual({ branch: 'main', commit, isNew: false });
  });

  test('begins again from what somebody else pushed meanwhile, and loses nothing of it', async () => {
    const { repository, write, served } = await scene();
    let races = 0;
    const push = () => {
      if (races === 2) return;
      races += 1;
      const git = (...args: string[]) =>
        execFileSync('git', args, { cwd: repository.work, env: GIT_ENVIRONMENT });
      git('commit', '--quiet', '--allow-empty', '-m', `race ${String(races)}`);
      git('push', '--quiet', 'origin', 'HEAD');
    };
    const { isNew } = await write({}, push);
    expect(isNew).toBe(true);
    expect(served('log', '--format=%s', 'main').trim().split('\n')).toEqual([
      'Promote app: mode canary',
      'race 2',
      'race 1',
      'One',
    ]);
  });

  test('begins again until its time is over, says who was in the way, and forces nothing', async () => {
    const { repository, write, served } = await scene();
    const time = new AbortController();
    let races = 0;
    const push = () => {
      races += 1;
      if (races > 7) return time.abort();
      const git = (...args: string[]) =>
        execFileSync('git', args, { cwd: repository.work, env: GIT_ENVIRONMENT });
      git('commit', '--quiet', '--allow-empty', '-m', 'race');
      git('push', '--quiet', 'origin', 'HEAD');
    };
    await expect(write({}, push, time.signal)).rejects.toThrow(
      /did not take the commit in time: others pushed to the default branch 7 times meanwhile; try again/,
    );
    expect(served('log', '-1', '--format=%s', 'main').trim()).toBe('race');
  });

  test('goes to the branch that is followed', async () => {
    const { repository, first, write, served } = await scene();
    await repository.git('push', '--quiet', 'origin', 'HEAD:release/1');
    expect(await write(refOf('release/1'))).toMatchObject({ branch: 'release/1', isNew: true });
    expect(served('rev-parse', 'main').trim()).toBe(first);
  });

  test.each([
    ['a tag', 'v1.0.0', /v1\.0\.0 is followed, which is no branch/],
    ['a range of versions', 'semver:^1.0.0', /semver:\^1\.0\.0 is followed, which is no branch/],
  ])('is refused for %s', async (_what, ref, words) => {
    const { repository, first, write, served } = await scene();
    await repository.git('tag', 'v1.0.0');
    await repository.push({});
    const head = served('rev-parse', 'main').trim();
    await expect(write(refOf(ref))).rejects.toThrow(words);
    expect(served('rev-parse', 'main').trim()).toBe(head);
    expect(head).not.toBe(first);
  });

  test('is refused for a commit', async () => {
    const { first, write } = await scene();
    await expect(write(refOf(first))).rejects.toThrow(/is followed, which is no branch/);
  });

  test('is what the hooks of the repository may refuse', async () => {
    const { repository, first, write, served } = await scene();
    const hook = join(repository.bare, 'hooks', 'pre-receive');
    await writeFile(hook, '#!/bin/sh\nexit 1\n');
    await chmod(hook, 0o755);
    await expect(write()).rejects.toThrow(
      /the server does not take the commit \(pre-receive hook declined\)/,
    );
    expect(served('rev-parse', 'main').trim()).toBe(first);
  });

  test('is refused where the manifest is a link: what it leads to is somebody’s own', async () => {
    const { repository, write } = await scene();
    await repository.push({ 'deploy/a b.yaml': { to: '../README' } });
    await expect(write()).rejects.toThrow(/is no file of its own/);
  });

  test('is pushed with the credentials of the source', async () => {
    const { repository, write, served } = await scene();
    const server = await SshServer.start(join(repository.root, 'sshd'));
    const key = await makeKey(join(repository.root, 'key'));
    const knownHosts = join(repository.root, 'known_hosts');
    await writeFile(knownHosts, await server.knownHost());
    const more = { url: server.url(repository.bare), credentials: { sshKey: key, knownHosts } };
    await server.admit('');
    await expect(write(more)).rejects.toThrow(/the server did not accept the credentials/);
    await server.admit(await readFile(`${key}.pub`, 'utf8'));
    const { commit } = await write(more);
    expect(served('rev-parse', 'main').trim()).toBe(commit);
  });
});
