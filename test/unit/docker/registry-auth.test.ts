import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registryAuth, registryOf } from '../../../src/reconcilers/docker/registry-auth.js';

/** Of user a with password b. */
const AUTH = 'YTpi';
let dir = '';
const env = () => ({ DOCKER_CONFIG: dir, PATH: `${dir}:${process.env.PATH ?? ''}` });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'registry-auth-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

/** The credentials, and what is said where they could not be had. */
function lookFor(reference: string) {
  return registryAuth(reference, { env: env(), limitMs: 10_000 });
}

async function authFor(reference: string) {
  const { auth, trouble } = await lookFor(reference);
  expect(trouble).toBeUndefined();
  return auth;
}

function configure(config: object): void {
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config));
}

/** A credential helper as docker installs them: a program on the PATH that reads the registry from its standard input. */
function installHelper(name: string, script: string): void {
  writeFileSync(join(dir, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

test.each([
  ['nginx', 'https://index.docker.io/v1/'],
  ['library/nginx:1.27', 'https://index.docker.io/v1/'],
  ['ghcr.io/org/app:1', 'ghcr.io'],
  ['localhost/app', 'localhost'],
  ['registry.local:5000/app@sha256:00', 'registry.local:5000'],
])('%s is pulled from %s', (reference, registry) => {
  expect(registryOf(reference)).toBe(registry);
});

describe('credentials', () => {
  test('nobody is logged in', async () => {
    expect(await authFor('ghcr.io/org/app')).toBeUndefined();
  });

  test('stored by docker login, a colon in the password included', async () => {
    const auth = Buffer.from('me:pass:word').toString('base64');
    configure({ auths: { 'ghcr.io': { auth } } });
    expect(await authFor('ghcr.io/org/app')).toEqual({
      username: 'me',
      password: 'pass:word',
      serveraddress: 'ghcr.io',
    });
    expect(await authFor('quay.io/org/app')).toBeUndefined();
  });

  test('an identity token stands in for a password', async () => {
    configure({ auths: { 'ghcr.io': { identitytoken: 'token' } } });
    expect(await authFor('ghcr.io/a')).toEqual({
      identitytoken: 'token',
      serveraddress: 'ghcr.io',
    });
  });

  test('a helper for one registry is asked for that one, and told which on its standard input', async () => {
    installHelper('cloud', `printf '{"Username":"u-%s","Secret":"s"}' "$(cat)"`);
    configure({ credHelpers: { 'gcr.io': 'cloud' } });
    expect(await authFor('gcr.io/app')).toMatchObject({ username: 'u-gcr.io', password: 's' });
    expect(await authFor('ghcr.io/app')).toBeUndefined();
  });

  test('a store that knows nothing leaves the word to what is stored', async () => {
    installHelper('store', 'echo "credentials not found in native keychain"; exit 1');
    configure({ credsStore: 'store', auths: { 'ghcr.io': { auth: AUTH } } });
    expect(await authFor('ghcr.io/app')).toMatchObject({ username: 'a', password: 'b' });
  });

  test('they are read anew each time: a rotated token just works', async () => {
    configure({ auths: { 'ghcr.io': { identitytoken: 'old' } } });
    await authFor('ghcr.io/a');
    configure({ auths: { 'ghcr.io': { identitytoken: 'new' } } });
    expect(await authFor('ghcr.io/a')).toMatchObject({ identitytoken: 'new' });
  });

  test('an empty helper of one registry is none, whatever the store', async () => {
    installHelper('store', `printf '{"Username":"u","Secret":"s"}'`);
    configure({ credsStore: 'store', credHelpers: { 'ghcr.io': '' }, auths: { 'ghcr.io': { auth: AUTH } } });
    expect(await authFor('ghcr.io/app')).toMatchObject({ username: 'a' });
  });

  test.each([
    ['nginx', ['https://index.docker.io/v1/', 'https://index.docker.io/v1', 'index.docker.io', 'docker.io']],
    ['ghcr.io/app', ['ghcr.io', 'https://ghcr.io', 'http://ghcr.io/', 'https://ghcr.io/v1/', 'ghcr.io/v2']],
    ['reg.local:5000/app', ['reg.local:5000', 'https://reg.local:5000', 'https://reg.local:5000/v1/']],
  ])('for %s they stand under any name that a login ever gave it', async (reference, keys) => {
    for (const key of keys) {
      configure({ auths: { 'other.io': { auth: 'eDp5' }, [key]: { auth: AUTH } } });
      expect(await authFor(reference), key).toMatchObject({ username: 'a', password: 'b' });
    }
  });

  test('its own name goes before others', async () => {
    configure({ auths: { 'https://ghcr.io/v1/': { auth: 'eDp5' }, 'ghcr.io': { auth: AUTH } } });
    expect(await authFor('ghcr.io/app')).toMatchObject({ username: 'a' });
  });

  test('another port is another registry', async () => {
    configure({ auths: { 'https://reg.local:5001': { auth: AUTH } } });
    expect(await authFor('reg.local:5000/app')).toBeUndefined();
  });

  test.each([
    '',
    ' \n',
    'null',
    '{}',
    '{"auths":null}',
    '{"auths":{"ghcr.io":null}}',
    '{"auths":{"ghcr.io":{"auth":5}}}',
  ])('none are in a config.json that is %j', async (text) => {
    writeFileSync(join(dir, 'config.json'), text);
    expect(await authFor('ghcr.io/app')).toBeUndefined();
  });
});

describe('what is of no use is named, without a word of what it printed, and the registry is asked without', () => {
  const SECRET = 'ghp_planted-hunter2';

  test.each([
    [`echo ${SECRET}`, 'did not answer with JSON'],
    [`echo '"${SECRET}"'`, 'did not answer with JSON'],
    [`echo null`, 'did not answer with JSON'],
    [`echo '{"Secret":"${SECRET}"}'`, 'answered without Username and Secret'],
    [`echo ${SECRET}; exit 3`, 'ended with exit code 3'],
    ['kill -9 $$', 'was killed'],
  ])('a helper: %s', async (script, what) => {
    installHelper('odd', script);
    configure({ credsStore: 'odd' });
    const trouble = `credentials for ghcr.io may be missing, because docker-credential-odd ${what}`;
    expect(await lookFor('ghcr.io/app')).toEqual({ trouble });
  });

  test('a helper that is not there, with the cure; what is stored is taken', async () => {
    configure({ credsStore: 'desktop.exe', auths: { 'https://index.docker.io/v1/': { auth: AUTH } } });
    expect(await lookFor('nginx')).toEqual({
      auth: { username: 'a', password: 'b', serveraddress: 'https://index.docker.io/v1/' },
      trouble: `credentials for Docker Hub may be missing, because docker-credential-desktop.exe is not installed: install it, or remove credsStore from ${dir}/config.json`,
    });
    configure({ credHelpers: { 'gcr.io': 'nowhere' } });
    const { trouble } = await lookFor('gcr.io/app');
    expect(trouble).toContain('docker-credential-nowhere is not installed');
    expect(trouble).toContain('remove credHelpers["gcr.io"]');
  });

  test('a helper that may not be run', async () => {
    writeFileSync(join(dir, 'docker-credential-closed'), '', { mode: 0o644 });
    configure({ credsStore: 'closed' });
    expect((await lookFor('ghcr.io/app')).trouble).toContain(
      'docker-credential-closed cannot be run (EACCES)',
    );
  });

  test.each([
    [`{"auths": {"ghcr.io": {"auth": "${SECRET}"}`, 'is not JSON'],
    [SECRET, 'is not JSON'],
    [`["${SECRET}"]`, 'is not a JSON object'],
    ['\uFEFF{}', 'begins with a byte order mark: save it without'],
  ])('a config.json: %j', async (text, what) => {
    writeFileSync(join(dir, 'config.json'), text);
    const trouble = `credentials for ghcr.io may be missing, because ${dir}/config.json ${what}`;
    expect(await lookFor('ghcr.io/app')).toEqual({ trouble });
  });

  test('a config.json that is a folder', async () => {
    mkdirSync(join(dir, 'config.json'));
    expect((await lookFor('ghcr.io/app')).trouble).toContain('config.json cannot be read (EISDIR)');
  });
});
