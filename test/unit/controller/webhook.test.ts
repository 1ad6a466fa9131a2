import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ReplayWindow } from '../../../src/controller/git/webhook-replays.js';
import { Webhook } from '../../../src/controller/git/webhook.js';
import { startHttpListener } from '../../../src/controller/http-listener.js';
import { createMetrics } from '../../../src/controller/metrics.js';
import { temporaryDirectory } from './temporary-directory.js';

const SECRET = 'correct horse';
const BODY = '{"ref":"refs/heads/main","after":"1a2b"}';
const MIB = 1024 * 1024;

type Headers = Readonly<Record<string, string>>;

/** A listener with a webhook whose secret is in a file. */
async function listening() {
  const file = join(await temporaryDirectory(), 'secret');
  await writeFile(file, `${SECRET}\n`);
  const seen = { hooks: 0, nowMs: 0 };
  const webhook = new Webhook({
    secret: () => readFile(file, 'utf8'),
    onHook: () => (seen.hooks += 1),
    now: () => seen.nowMs,
  });
  const { registry } = createMetrics({ stepKinds: [], driftKinds: [], policies: [], services: [] });
  const ticks = { msSinceLastTick: () => 0 };
  const listener = await startHttpListener({
    listen: '127.0.0.1:0',
    registry,
    ticks,
    resyncMs: 1000,
    hooks: webhook,
  });
  if (listener.kind !== 'listening') throw new Error(listener.kind);
  onTestFinished(() => listener.close());
  const { port } = listener;
  const post = async (headers: Headers, body = BODY) => {
    const url = `http://127.0.0.1:${String(port)}/hooks/git`;
    const response = await fetch(url, { method: 'POST', headers, body });
    return [response.status, await response.text()];
  };
  return { file, port, post, seen };
}

function macOf(body: string, secret = SECRET): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

function github(body = BODY, secret = SECRET): Headers {
  return { 'x-hub-signature-256': `sha256=${macOf(body, secret)}` };
}

const TAKEN = [202, 'taken\n'];
const AGAIN = [200, 'already taken\n'];
const UNPROVEN = [401, 'unauthorized\n'];

describe('who may have the repository looked at', () => {
  test.each<[string, Headers]>([
    ['GitHub', github()],
    ['Gitea', { 'x-gitea-signature': macOf(BODY) }],
    ['Forgejo', { 'x-forgejo-signature': macOf(BODY) }],
    ['Gitea as it is, with the headers of GitHub', { ...github(), 'x-gitea-signature': macOf(BODY) }],
    ['GitLab', { 'x-gitlab-token': SECRET }],
  ])('%s, with the secret', async (_forge, headers) => {
    const { post, seen } = await listening();
    expect(await post(headers)).toEqual(TAKEN);
    expect(seen.hooks).toBe(1);
  });

  test.each<[string, Headers]>([
    ['nobody who shows nothing', {}],
    ['not with another secret', github(BODY, 'guessed')],
    ['not with the signature of another body', github('{}')],
    ['not with the old signature of GitHub', { 'x-hub-signature': `sha1=${'0'.repeat(40)}` }],
    ['not with an empty signature', { 'x-hub-signature-256': 'sha256=' }],
    ['not with a signature that is too short', { 'x-gitea-signature': macOf(BODY).slice(1) }],
    ['not with two signatures at once', { 'x-gitea-signature': `${macOf(BODY)}, ${macOf(BODY)}` }],
    ['not with another token', { 'x-gitlab-token': `${SECRET}r` }],
    ['not with an empty token', { 'x-gitlab-token': '' }],
    ['not with a wrong signature beside the right token', { ...github('{}'), 'x-gitlab-token': SECRET }],
  ])('%s', async (_who, headers) => {
    const { post, seen } = await listening();
    expect(await post(headers)).toEqual(UNPROVEN);
    expect(seen.hooks).toBe(0);
  });

  test('a secret that was rotated counts from the next delivery', async () => {
    const { file, post } = await listening();
    await writeFile(file, 'new');
    expect(await post(github())).toEqual(UNPROVEN);
    expect(await post(github(BODY, 'new'))).toEqual(TAKEN);
  });

  test('nobody while there is no secret', async () => {
    const { file, post, seen } = await listening();
    await writeFile(file, ' \n');
    expect(await post(github(BODY, ''))).toEqual([503, 'not available\n']);
    await rm(file);
    expect(await post({ 'x-gitlab-token': SECRET })).toEqual([503, 'not available\n']);
    expect(seen.hooks).toBe(0);
  });
});

describe('a delivery that comes again', () => {
  test('is not taken a second time, whatever its unsigned headers say', async () => {
    const { post, seen } = await listening();
    expect(await post({ ...github(), 'x-github-delivery': 'one' })).toEqual(TAKEN);
    expect(await post({ ...github(), 'x-github-delivery': 'one' })).toEqual(AGAIN);
    expect(await post({ ...github(), 'x-github-delivery': 'two' })).toEqual(AGAIN);
    expect(await post({ 'x-gitea-signature': macOf(BODY) })).toEqual(AGAIN);
    expect(seen.hooks).toBe(1);
  });

  test('is another one with another body, and after ten minutes', async () => {
    const { post, seen } = await listening();
    expect(await post(github())).toEqual(TAKEN);
    expect(await post(github('{}'), '{}')).toEqual(TAKEN);
    seen.nowMs = 10 * 60_000 - 1;
    expect(await post(github())).toEqual(AGAIN);
    seen.nowMs = 10 * 60_000;
    expect(await post(github())).toEqual(TAKEN);
  });

  test('of GitLab is known by its event, and without one by its body', async () => {
    const { post } = await listening();
    const event = (id: string): Headers => ({ 'x-gitlab-token': SECRET, 'x-gitlab-event-uuid': id });
    expect(await post(event('one'))).toEqual(TAKEN);
    expect(await post(event('one'))).toEqual(AGAIN);
    expect(await post(event('two'))).toEqual(TAKEN);
    expect(await post({ 'x-gitlab-token': SECRET })).toEqual(TAKEN);
    expect(await post({ 'x-gitlab-token': SECRET })).toEqual(AGAIN);
  });

  test('that was refused is taken once it is signed', async () => {
    const { post } = await listening();
    expect(await post(github(BODY, 'guessed'))).toEqual(UNPROVEN);
    expect(await post(github())).toEqual(TAKEN);
  });

  test('of two at once, one is taken', async () => {
    const { post, seen } = await listening();
    const answers = await Promise.all([post(github()), post(github())]);
    expect(answers.map(([status]) => status).sort()).toEqual([200, 202]);
    expect(seen.hooks).toBe(1);
  });

  test('is remembered among the last thousand only', () => {
    const replays = new ReplayWindow(() => 0);
    for (let n = 0; n < 1000; n += 1) expect(replays.take(String(n))).toBe(true);
    expect(replays.take('1')).toBe(false);
    for (let n = 1000; n < 1500; n += 1) replays.take(String(n));
    expect([replays.take('1'), replays.take('1499')]).toEqual([true, false]);
  });
});

describe('what is no delivery', () => {
  test('a body of 1 MiB is taken, one byte more is too large', async () => {
    const { post, seen } = await listening();
    const most = 'x'.repeat(MIB);
    expect(await post(github(most), most)).toEqual(TAKEN);
    expect(await post(github(`${most}x`), `${most}x`)).toEqual([413, 'too large\n']);
    expect(seen.hooks).toBe(1);
  });

  test('a body that does not say how long it is, is too large as soon as it is', async () => {
    const { port } = await listening();
    const socket = connect(port, '127.0.0.1');
    const proof = `x-gitlab-token: ${SECRET}`;
    socket.write(`POST /hooks/git HTTP/1.1\r\nhost: x\r\n${proof}\r\ntransfer-encoding: chunked\r\n\r\n`);
    for (let n = 0; n < 3; n += 1) socket.write(`80000\r\n${'x'.repeat(MIB / 2)}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('an empty body is none', async () => {
    const { post } = await listening();
    expect(await post(github(''), '')).toEqual([400, 'bad request\n']);
  });

  test('a body that breaks off is not taken, and the next one is', async () => {
    const { port, post, seen } = await listening();
    const socket = connect(port, '127.0.0.1');
    const head = `POST /hooks/git HTTP/1.1\r\nhost: x\r\nx-gitlab-token: ${SECRET}\r\ncontent-length: 10`;
    socket.end(`${head}\r\n\r\n{"ref"`);
    await text(socket);
    expect(await post(github())).toEqual(TAKEN);
    expect(seen.hooks).toBe(1);
  });

  test('only POST is one', async () => {
    const { port, seen } = await listening();
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const response = await fetch(`http://127.0.0.1:${String(port)}/hooks/git`, {
        method,
        headers: github(),
      });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    }
    expect(seen.hooks).toBe(0);
  });
});
