/** A git source against real servers: `git daemon`, `git http-backend`, one that is silent, and ssh's own checks. */
import { execFile, fork } from 'node:child_process';
import { copyFile, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { GitSource } from '../../src/controller/git/git-source.js';
import { SOURCE_DEFAULTS, type SourceSpec } from '../../src/controller/git/source-spec.js';
import { certificate } from '../support/certificate.js';
import { serveGit, serveHttpGit, serveSilence, TestRepository } from '../support/git-server.js';
import { until } from '../support/until.js';

const run = promisify(execFile);
/** So long that only `look()` looks. */
const NEVER_MS = 1_000_000_000;
const TOKEN = 'glpat-Geheim_123456';

function sourceOf(repository: TestRepository, more: Partial<SourceSpec>) {
  const dir = join(repository.root, 'state', 'source');
  const spec: SourceSpec = { ...SOURCE_DEFAULTS, url: repository.bare, pollMs: NEVER_MS, ...more };
  const messages: string[] = [];
  const source: GitSource = new GitSource({
    spec,
    dir,
    onChange: () => messages.push(JSON.stringify(source.now())),
  });
  onTestFinished(() => source.stop());
  return { source, dir, messages };
}

/** A repository with one commit, and a token in a file. */
async function scene() {
  const repository = await TestRepository.create();
  const first = await repository.push({ 'manifest.yaml': 'one\n' }, 'One');
  const tokenFile = join(repository.root, 'token');
  await writeFile(tokenFile, `${TOKEN}\n`);
  return { repository, first, tokenFile };
}

/** Everything in a folder, as one text. */
async function textOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n');
}

/** Processes of this machine whose command line has this word. */
async function processesWith(word: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.includes(word));
}

describe('git daemon', () => {
  test('is polled: a push is seen without anybody telling', async () => {
    const { repository, first } = await scene();
    const { source } = sourceOf(repository, { url: await serveGit(repository.root), pollMs: 50 });
    await source.start();
    expect(source.now().revision?.commit).toBe(first);
    const second = await repository.push({ 'manifest.yaml': 'two\n' });
    await until('the second commit', () => source.now().revision?.commit === second);
  });

  test('a history of many commits comes one commit deep, and is not taken for a rewritten one', async () => {
    const { repository } = await scene();
    for (let n = 0; n < 30; n += 1) await repository.commit({ 'manifest.yaml': `${String(n)}\n` });
    await repository.push({});
    const { source, dir } = sourceOf(repository, { url: await serveGit(repository.root) });
    await source.start();
    const { stdout } = await run('git', [
      '--git-dir',
      join(dir, 'mirror.git'),
      'rev-list',
      '--count',
      '--all',
    ]);
    expect(stdout.trim()).toBe('1');
    for (let n = 0; n < 3; n += 1) await repository.commit({ 'manifest.yaml': `more ${String(n)}\n` });
    const last = await repository.push({}, 'Last');
    await source.look();
    expect(source.now().revision?.commit).toBe(last);
    expect(source.now().ready.message).toBe(`main is at ${last.slice(0, 7)}: Last`);
  });

  test('looks that overlap are one more look, and each caller waits for one that began after it called', async () => {
    const { repository } = await scene();
    const { source } = sourceOf(repository, { url: await serveGit(repository.root) });
    await source.start();
    const early = source.look();
    const second = await repository.push({ 'manifest.yaml': 'two\n' });
    await Promise.all([early, source.look(), source.look()]);
    expect(source.now().revision?.commit).toBe(second);
  });
});

describe('http', () => {
  test('nothing moved: nothing is fetched', async () => {
    const { repository } = await scene();
    const server = await serveHttpGit(repository.root);
    const { source } = sourceOf(repository, { url: server.url });
    await source.start();
    const before = server.requests.length;
    await source.look();
    const asked = server.requests.slice(before);
    expect(asked.filter((line) => line.includes('info/refs'))).toHaveLength(1);
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  test('without a token, with a wrong one, and with one that was rotated', async () => {
    const { repository, first, tokenFile } = await scene();
    const server = await serveHttpGit(repository.root);
    server.token = TOKEN;
    const open = sourceOf(repository, { url: server.url });
    await open.source.start();
    expect(open.source.now().ready).toMatchObject({ ok: false, reason: 'AuthFailed' });
    await open.source.stop();

    const { source } = sourceOf(repository, { url: server.url, credentials: { tokenFile } });
    await source.start();
    expect(source.now()).toMatchObject({ ready: { ok: true }, revision: { commit: first } });
    server.token = 'another';
    await source.look();
    expect(source.now()).toMatchObject({ ready: { reason: 'AuthFailed' }, revision: { commit: first } });
    await writeFile(tokenFile, 'another\r\n');
    await source.look();
    expect(source.now().ready).toMatchObject({ ok: true });
    await writeFile(tokenFile, '');
    await source.look();
    expect(source.now().ready.message).toContain(`credentials.token_file ${tokenFile} is empty`);
  });

  test('the token is in no command line, no file of ours, and no message', async () => {
    const { repository, tokenFile } = await scene();
    const server = await serveHttpGit(repository.root);
    server.token = TOKEN;
    const { source, dir, messages } = sourceOf(repository, { url: server.url, credentials: { tokenFile } });
    const seen: string[] = [];
    let isLooking = true;
    const watching = (async () => {
      while (isLooking) seen.push(...(await processesWith(TOKEN)));
    })();
    await source.start();
    await repository.push({ 'manifest.yaml': 'two\n' });
    await source.look();
    server.token = 'another';
    await source.look();
    isLooking = false;
    await watching;
    expect(source.now().ready.reason).toBe('AuthFailed');
    expect(seen).toEqual([]);
    expect(messages.join('\n')).not.toContain(TOKEN);
    expect(await textOf(dir)).not.toContain(TOKEN);
    expect(await textOf(dir)).not.toContain(Buffer.from(`git:${TOKEN}`).toString('base64'));
  });

  test.each(['file:///', 'ext::sh -c touch% /tmp/pwned', 'git://127.0.0.1:1'])(
    'a redirect to %s is not followed',
    async (redirectTo) => {
      const { repository } = await scene();
      const server = await serveHttpGit(repository.root);
      server.redirectTo = redirectTo === 'file:///' ? `file://${repository.root}` : redirectTo;
      const { source } = sourceOf(repository, { url: server.url });
      await source.start();
      expect(source.now()).toMatchObject({ ready: { ok: false, reason: 'Unreachable' } });
      expect(source.now().revision).toBeUndefined();
    },
  );

  test('a redirect to another server is followed without the token', async () => {
    const { repository, first, tokenFile } = await scene();
    const [asked, other] = [await serveHttpGit(repository.root), await serveHttpGit(repository.root)];
    asked.redirectTo = other.url.replace('/stack.git', '');
    other.token = TOKEN;
    const { source } = sourceOf(repository, { url: asked.url, credentials: { tokenFile } });
    await source.start();
    expect(source.now().ready.reason).toBe('AuthFailed');
    other.token = undefined;
    await source.look();
    expect(source.now().revision?.commit).toBe(first);
  });

  test('no repository at the address', async () => {
    const { repository } = await scene();
    const server = await serveHttpGit(repository.root);
    const { source } = sourceOf(repository, { url: server.url.replace('stack.git', 'none.git') });
    await source.start();
    expect(source.now().ready).toMatchObject({ ok: false, reason: 'Unreachable' });
    expect(source.now().ready.message).toContain('there is no repository at this address');
  });
});

describe('https', () => {
  test('a server of an own authority is believed with its certificate, which may be changed', async () => {
    const { repository, first, tokenFile } = await scene();
    const ca = await certificate(repository.root, 'ours');
    const server = await serveHttpGit(repository.root, ca);
    server.token = TOKEN;
    const caFile = join(repository.root, 'ca.pem');
    await copyFile(ca.path, caFile);
    const { source } = sourceOf(repository, { url: server.url, credentials: { tokenFile, caFile } });
    await source.start();
    expect(source.now()).toMatchObject({ ready: { ok: true }, revision: { commit: first } });

    const stranger = await certificate(repository.root, 'theirs');
    await copyFile(stranger.path, caFile);
    await source.look();
    expect(source.now()).toMatchObject({
      ready: { ok: false, reason: 'CertificateUnknown' },
      revision: { commit: first },
    });
    await rm(caFile);
    await source.look();
    expect(source.now().ready.message).toContain(`credentials.ca_file ${caFile} cannot be read`);
    await copyFile(ca.path, caFile);
    await source.look();
    expect(source.now().ready).toMatchObject({ ok: true });
  });

  test('a server that nobody vouches for gets no token, and nothing is applied', async () => {
    const { repository, tokenFile } = await scene();
    const server = await serveHttpGit(repository.root, await certificate(repository.root, 'ours'));
    const { source } = sourceOf(repository, { url: server.url, credentials: { tokenFile } });
    await source.start();
    expect(source.now().ready).toMatchObject({ ok: false, reason: 'CertificateUnknown' });
    expect(source.now().revision).toBeUndefined();
    expect(server.requests).toEqual([]);
  });

  test('a server without TLS says so', async () => {
    const { repository } = await scene();
    const server = await serveHttpGit(repository.root);
    const { source } = sourceOf(repository, { url: server.url.replace('http:', 'https:') });
    await source.start();
    expect(source.now().ready).toMatchObject({ ok: false, reason: 'Unreachable' });
    expect(source.now().ready.message).toContain('TLS');
  });
});

describe('a server that hangs', () => {
  test.each(['git', 'http', 'ssh'])(
    '%s: the look ends at its time limit, and leaves no process',
    async (scheme) => {
      const { repository } = await scene();
      const port = await serveSilence();
      const url = `${scheme}://127.0.0.1:${String(port)}/stack.git`;
      const limits = { ...SOURCE_DEFAULTS.limits, timeoutMs: 1_500 };
      const { source } = sourceOf(repository, { url, limits });
      await source.start();
      expect(source.now().ready).toMatchObject({ ok: false, reason: 'TimedOut' });
      await source.stop();
      await until('nothing of it runs', async () => (await processesWith(String(port))).length === 0);
    },
  );

  test('stop ends a look that hangs', async () => {
    const { repository } = await scene();
    const port = await serveSilence();
    const { source, dir } = sourceOf(repository, { url: `git://127.0.0.1:${String(port)}/stack.git` });
    const starting = source.start();
    await until('it looks', async () =>
      (await readdir(dir).catch((): string[] => [])).includes('mirror.git'),
    );
    await source.stop();
    await starting;
    expect(source.now().ready.ok).toBe(false);
  });
});

describe('ssh', () => {
  test('a key that is not there is named', async () => {
    const { repository } = await scene();
    const credentials = { sshKey: join(repository.root, 'no key') };
    const { source } = sourceOf(repository, { url: 'ssh://git@127.0.0.1:1/stack.git', credentials });
    await source.start();
    expect(source.now().ready.message).toContain(
      `credentials.ssh_key ${repository.root}/no key cannot be read (ENOENT)`,
    );
  });

  test('a server that cannot be connected to', async () => {
    const { repository } = await scene();
    const { source } = sourceOf(repository, { url: 'ssh://git@127.0.0.1:1/stack.git' });
    await source.start();
    expect(source.now().ready).toMatchObject({ ok: false, reason: 'Unreachable' });
  });
});

describe('kill -9', () => {
  test('in the middle of a commit leaves no half revision, and the next life goes on', async () => {
    const { repository, first } = await scene();
    const { source, dir } = sourceOf(repository, {});
    await source.start();
    await source.stop();
    const many = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, n) => [`files/${String(n)}`, `${String(n)}\n`.repeat(50)]),
    );
    const second = await repository.push(many);
    const child = fork('test/integration/git-source-once.ts', [repository.bare, dir], {
      execArgv: ['--import', 'tsx'],
      stdio: 'ignore',
    });
    const halves = async () => (await readdir(join(dir, 'revisions'))).filter((name) => name.endsWith('~'));
    const isWriting = async () =>
      (await halves()).some((name) => name.startsWith(second) && !name.includes('index'));
    await until('it is being written', isWriting, { pollMs: 1 });
    child.kill('SIGKILL');
    await until('it is dead', () => child.signalCode !== null);
    expect(await readdir(join(dir, 'revisions'))).toContain(first);
    const again = sourceOf(repository, {});
    await again.source.start();
    const explain = () => JSON.stringify(again.source.now());
    await until('the next life goes on', () => again.source.now().revision?.commit === second, { explain });
    expect(await readdir(join(dir, 'revisions', second, 'files'))).toHaveLength(3_000);
    await repository.push({ 'manifest.yaml': 'three\n' });
    await until('nothing half is left', async () => (await halves()).length === 0);
  });
});
