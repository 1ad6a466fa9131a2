/** Push to deploy: a bare repository is the source, `git push` is all that anybody does. */
import { createHmac } from 'node:crypto';
import { mkdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { remove } from '../support/engine.js';
import { freePort } from '../support/free-port.js';
import { serveHttpGit } from '../support/git-server.js';
import { GitStack } from '../support/git-stack.js';
import { Load } from '../support/load.js';
import { CommandLine } from '../support/swiftdeploy.js';

/** Follows what a server has, as source.yaml says. */
class RemoteStack extends GitStack {
  readonly secret = 'a secret of the forge';
  override readonly args: string[] = [];
  private hooks = '';

  async follow(url: string): Promise<void> {
    const state = join(this.dir, '.swiftdeploy');
    await mkdir(state);
    const lines = [`url: ${url}`, 'poll: 1h', 'webhook:', '  secret_file: secret'];
    await writeFile(join(state, 'source.yaml'), lines.join('\n'));
    await writeFile(join(state, 'secret'), `${this.secret}\n`);
    const listen = `127.0.0.1:${String(await freePort())}`;
    this.hooks = `http://${listen}/hooks/git`;
    this.args.push('--listen', listen);
    this.startController();
  }

  /** The answer to a push event in GitHub's manner. */
  async deliver(secret: string): Promise<number> {
    const body = JSON.stringify({ after: await this.git('rev-parse', 'HEAD') });
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const headers = { 'x-hub-signature-256': `sha256=${signature}` };
    return (await fetch(this.hooks, { method: 'POST', body, headers })).status;
  }
}

describe('git push deploys', () => {
  const stack = new GitStack();
  beforeAll(() => stack.up());
  afterEach(() => stack.check());
  afterAll(() => stack.dispose());

  test('the first revision serves; status and history say whose it is', async () => {
    const commit = await stack.git('rev-parse', 'HEAD');
    expect(await stack.servedVersion()).toBe('1');
    await stack.condition('SourceReady', 'True', 'Fetched');
    expect(await stack.status()).toMatchObject({
      source: { commit, ref: 'main', author: 'Ann <ann@example.com>', subject: 'version 1' },
    });
    await stack.event(0, 'source_changed', { commit, subject: 'version 1' });
    await stack.event(0, 'manifest_changed', { commit, author: 'Ann <ann@example.com>' });
  });

  test('the other commands work beside it; those that would edit the manifest refuse', async () => {
    const cli = new CommandLine(stack.dir);
    for (const command of [
      ['promote', 'canary'],
      ['rollout', 'pause'],
    ]) {
      const { code, stderr } = await cli.run(...command);
      expect([code, stderr]).toEqual([1, expect.stringContaining('comes from git')]);
    }
    expect((await cli.succeed('plan')).stdout).toContain('No changes');
    await cli.succeed('audit');
    const report = await readFile(join(stack.dir, 'audit_report.md'), 'utf8');
    expect(report).toMatch(/\| [^|\n]*Ann[^|\n]* \| [^|\n]*[0-9a-f]{10}[^|\n]* \| version 1 \|/);
    expect(report).not.toContain('git does not know this manifest');
  });

  test('a second controller in the same folder is refused, and takes nothing away', async () => {
    await stack.git('push', '-q', stack.bare, 'HEAD:refs/heads/other');
    const seq = await stack.lastSeq();
    await stack.set({ drain: '2s' });
    await stack.event(seq, 'source_changed', {});
    await stack.settled();
    const current = () => readlink(join(stack.dir, '.swiftdeploy/source/current'));
    const before = await current();
    const second = new CommandLine(stack.dir);
    for (const once of [['--once'], []]) {
      const { code, stderr } = await second.run('run', '--git', `${stack.bare}#other`, ...once);
      expect([code, stderr]).toEqual([1, expect.stringContaining('one controller per stack')]);
    }
    expect(await current()).toBe(before);
    await stack.condition('ManifestValid', 'True');
  });

  test('a push replaces the version, without a failed request', async () => {
    const load = new Load(`http://127.0.0.1:${String(stack.port)}/`);
    const seq = await stack.lastSeq();
    await stack.set({ version: '2' });
    await stack.serves('2');
    await stack.settled();
    await load.stop();
    expect(load.failures).toEqual([]);
    const commit = await stack.git('rev-parse', 'HEAD');
    await stack.event(seq, 'source_changed', { commit, subject: 'version 2' });
  });

  test('a revert is a rollback: what ran before is back', async () => {
    await stack.set({ mode: 'canary', version: '3' });
    await stack.serves('3');
    await stack.settled();
    const seq = await stack.lastSeq();
    await stack.git('-c', 'user.name=Bob', '-c', 'user.email=b@b', 'revert', '--no-edit', 'HEAD');
    await stack.push('nothing more');
    await stack.event(seq, 'rollback');
    await stack.serves('2');
    stack.manifest.services.mode = 'stable';
    stack.manifest.services.version = '2';
    await stack.settled();
  });

  test('promote --write-back commits the one word in the name of who asks, and waits until it serves', async () => {
    const cli = new CommandLine(stack.dir, {
      GIT_AUTHOR_NAME: 'Carol',
      GIT_AUTHOR_EMAIL: 'carol@example.com',
    });
    const seq = await stack.lastSeq();
    const { stderr } = await cli.succeed('promote', 'canary', '--write-back');
    expect(stderr).toMatch(/pushed [0-9a-f]{7} to main, app: mode canary/);
    await stack.event(seq, 'source_changed', { author: 'Carol <carol@example.com>' });
    await stack.git('pull', '-q', '--ff-only', stack.bare, 'main');
    stack.manifest.services.mode = 'canary';
    await stack.settled();
    expect((await stack.status())?.source).toMatchObject({
      commit: await stack.git('rev-parse', 'HEAD'),
      subject: 'Promote app: mode canary',
    });
    await cli.succeed('promote', 'stable', '--write-back');
    await stack.git('pull', '-q', '--ff-only', stack.bare, 'main');
    stack.manifest.services.mode = 'stable';
    await stack.settled();
    const refused = await cli.run('promote', 'canary', '--write-back', '--no-keep');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('git revert takes it back')]);
  });

  test('policies come from the same commit: a push that forbids stops the next version', async () => {
    const seq = await stack.lastSeq();
    await stack.setThresholds({ min_disk_free_gb: 9_000_000 });
    await stack.set({ version: '4' });
    await stack.event(seq, 'policy_denied');
    expect(await stack.servedVersion()).toBe('2');
    await stack.setThresholds({ min_disk_free_gb: 0 });
    await stack.push('allowed again');
    await stack.serves('4');
    await stack.settled();
  });

  test('a commit that must not be applied changes nothing, and drift is healed meanwhile', async () => {
    const manifest = join(stack.work, 'manifest.yaml');
    await rename(manifest, `${manifest}.kept`);
    await symlink('/etc/passwd', manifest);
    await stack.push('a link out of the repository');
    await stack.condition('SourceReady', 'False', 'PathRefused');
    expect(await stack.servedVersion()).toBe('4');
    const { Id: id } = await stack.replica();
    const seq = await stack.lastSeq();
    await remove(id);
    await stack.event(seq, 'drift_healed');
    expect((await stack.replica()).Id).not.toBe(id);
    await rm(manifest);
    await stack.push('no manifest at all');
    await stack.condition('SourceReady', 'False', 'ManifestMissing');
    expect(await stack.servedVersion()).toBe('4');
    await rename(`${manifest}.kept`, manifest);
    await stack.push('back');
    await stack.condition('SourceReady', 'True');
    await stack.settled();
  });

  test('a manifest that is not valid is named with its line, and the last good one stays, with its policies', async () => {
    const good = await stack.git('rev-parse', 'HEAD');
    const seq = await stack.lastSeq();
    await writeFile(join(stack.work, 'manifest.yaml'), 'services:\n  port: 70000\n');
    await stack.setThresholds({ min_disk_free_gb: 9_000_000 });
    await stack.push('a mistake');
    const { message } = await stack.condition('ManifestValid', 'False', 'Invalid');
    expect(message).toMatch(/^commit [0-9a-f]{7} \(a mistake\) is refused:\n[^]*manifest\.yaml:2:9 /);
    expect((await stack.status())?.source).toMatchObject({ commit: good });
    const { commit } = await stack.event(seq, 'source_changed');
    await stack.event(seq, 'manifest_invalid', { commit, applied_commit: good, subject: 'a mistake' });
    expect(commit).not.toBe(good);
    expect(await stack.servedVersion()).toBe('4');
    await remove((await stack.replica()).Id);
    await stack.event(seq, 'drift_healed');
    expect((await new CommandLine(stack.dir).run('plan', '-o', 'json')).stdout).not.toContain('are tested');
    expect(await stack.eventsSince(seq, 'policy_changed')).toEqual([]);
    await stack.git('reset', '-q', '--hard', good);
    await stack.push('undone', '--force');
    await stack.condition('ManifestValid', 'True');
    await stack.settled();
  });

  test('what it fetched and noted is removed while it runs: a push goes on all the same', async () => {
    await rm(join(stack.dir, '.swiftdeploy'), { recursive: true, maxRetries: 3 });
    await stack.set({ drain: '3s' });
    const commit = await stack.git('rev-parse', 'HEAD');
    await stack.event(0, 'manifest_changed', { commit });
    await stack.condition('ManifestValid', 'True');
    await stack.condition('SourceReady', 'True', 'Fetched');
    await stack.settled();
    expect((await stack.status())?.source).toMatchObject({ commit });
    await new CommandLine(stack.dir).succeed('plan');
  });

  test('without its repository, and after kill -9, the last revision is what is reconciled', async () => {
    const away = `${stack.bare}~`;
    await rename(stack.bare, away);
    await stack.kill9();
    stack.startController();
    await stack.condition('SourceReady', 'False');
    await stack.settled();
    expect(await stack.servedVersion()).toBe('4');
    await rename(away, stack.bare);
    await stack.set({ version: '5' });
    await stack.serves('5');
    await stack.settled();
  });
});

describe('a repository on a server that is asked once an hour', () => {
  const stack = new RemoteStack();
  afterAll(() => stack.dispose());

  test('a delivery of the forge and `reconcile` are what is waited for', async () => {
    await stack.prepare();
    const { url } = await serveHttpGit(stack.dir);
    await stack.follow(url);
    await stack.settled();
    expect(await stack.servedVersion()).toBe('1');

    await stack.set({ version: '2' });
    expect(await stack.deliver('guessed')).toBe(401);
    expect((await stack.status())?.source?.subject).toBe('version 1');
    expect(await stack.deliver(stack.secret)).toBe(202);
    await stack.serves('2');
    await stack.settled();

    await stack.set({ version: '3' });
    const { stderr, code } = await new CommandLine(stack.dir).run('reconcile');
    expect([code, stderr]).toEqual([0, expect.stringContaining('SourceReady')]);
    await stack.serves('3');
    await stack.check();
  });
});
