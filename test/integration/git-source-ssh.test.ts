/** A git source over ssh against a real sshd: who is let in, which server is believed, and keys that change meanwhile. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { GitSource } from '../../src/controller/git/git-source.js';
import { SOURCE_DEFAULTS } from '../../src/controller/git/source-spec.js';
import { TestRepository } from '../support/git-server.js';
import { makeKey, SshServer } from '../support/ssh-server.js';

/** So long that only `look()` looks. */
const NEVER_MS = 1_000_000_000;

/** A repository with one commit behind sshd, which admits `key`; a source that has it, and believes the server. */
async function scene() {
  const repository = await TestRepository.create();
  const first = await repository.push({ 'manifest.yaml': 'one\n' }, 'One');
  const server = await SshServer.start(join(repository.root, 'sshd'));
  const key = await makeKey(join(repository.root, 'a key with 100% spaces'));
  const knownHosts = join(repository.root, 'known hosts');
  await server.admit(await readFile(`${key}.pub`, 'utf8'));
  await writeFile(knownHosts, await server.knownHost());
  const source = new GitSource({
    spec: {
      ...SOURCE_DEFAULTS,
      url: server.url(repository.bare),
      pollMs: NEVER_MS,
      credentials: { sshKey: key, knownHosts },
    },
    dir: join(repository.root, 'state', 'source'),
    onChange: () => undefined,
  });
  onTestFinished(() => source.stop());
  return { repository, first, server, key, knownHosts, source };
}

test('a push is fetched with the key, from the server that is known', async () => {
  const { repository, first, source } = await scene();
  await source.start();
  expect(source.now()).toMatchObject({ ready: { ok: true, reason: 'Fetched' }, revision: { commit: first } });
  const second = await repository.push({ 'manifest.yaml': 'two\n' });
  await source.look();
  expect(source.now().revision?.commit).toBe(second);
});

test('a host key that was rotated is refused until it is in known_hosts; what was applied stays', async () => {
  const { repository, first, server, knownHosts, source } = await scene();
  await source.start();
  await server.rotateHostKey();
  const second = await repository.push({ 'manifest.yaml': 'two\n' });
  await source.look();
  const { ready, revision } = source.now();
  expect(ready).toMatchObject({ ok: false, reason: 'HostKeyUnknown' });
  expect(ready.message).toContain("the server's host key is not in known_hosts, or is another one");
  expect(revision?.commit).toBe(first);
  await writeFile(knownHosts, await server.knownHost());
  await source.look();
  expect(source.now()).toMatchObject({ ready: { ok: true }, revision: { commit: second } });
});

test('a server that nobody knows is refused', async () => {
  const { knownHosts, source } = await scene();
  await writeFile(knownHosts, '');
  await source.start();
  expect(source.now().ready).toMatchObject({ ok: false, reason: 'HostKeyUnknown' });
  expect(source.now().revision).toBeUndefined();
});

test('a key that the server does not admit is refused, and says so', async () => {
  const { repository, server, source } = await scene();
  const other = await makeKey(join(repository.root, 'other'));
  await server.admit(await readFile(`${other}.pub`, 'utf8'));
  await source.start();
  const { ready } = source.now();
  expect(ready).toMatchObject({ ok: false, reason: 'AuthFailed' });
  expect(ready.message).toContain('the server did not accept the credentials');
});

test('the key is read at each look: a rotated one just works, one that is away is named', async () => {
  const { repository, server, key, source } = await scene();
  await source.start();
  const next = await makeKey(join(repository.root, 'next'));
  await server.admit(await readFile(`${next}.pub`, 'utf8'));
  const second = await repository.push({ 'manifest.yaml': 'two\n' });
  await source.look();
  expect(source.now().ready).toMatchObject({ ok: false, reason: 'AuthFailed' });
  await rename(key, `${key}.old`);
  await source.look();
  expect(source.now().ready.message).toContain(`credentials.ssh_key ${key} cannot be read (ENOENT)`);
  await rename(next, key);
  await rename(`${next}.pub`, `${key}.pub`);
  await source.look();
  expect(source.now()).toMatchObject({ ready: { ok: true }, revision: { commit: second } });
});

test('a repository that the server does not have is told apart from one that cannot be reached', async () => {
  const { repository, source } = await scene();
  await rename(repository.bare, `${repository.bare}~`);
  await source.start();
  expect(source.now().ready).toMatchObject({ ok: false, reason: 'Unreachable' });
  expect(source.now().ready.message).toContain('there is no repository at this address');
});
