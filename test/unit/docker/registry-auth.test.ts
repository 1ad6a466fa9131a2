import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registryAuth, registryOf } from '../../../src/reconcilers/docker/registry-auth.js';

let dir = '';
const env = () => ({ DOCKER_CONFIG: dir, PATH: `${dir}:${process.env.PATH ?? ''}` });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'registry-auth-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

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
    expect(await registryAuth('ghcr.io/org/app', env())).toBeUndefined();
  });

  test('stored by docker login, a colon in the password included', async () => {
    const auth = Buffer.from('me:pass:word').toString('base64');
    configure({ auths: { 'ghcr.io': { auth } } });
    expect(await registryAuth('ghcr.io/org/app', env())).toEqual({
      username: 'me',
      password: 'pass:word',
      serveraddress: 'ghcr.io',
    });
    expect(await registryAuth('quay.io/org/app', env())).toBeUndefined();
  });

  test('an identity token stands in for a password', async () => {
    configure({ auths: { 'ghcr.io': { identitytoken: 'token' } } });
    expect(await registryAuth('ghcr.io/a', env())).toEqual({
      identitytoken: 'token',
      serveraddress: 'ghcr.io',
    });
  });

  test('a helper for one registry is asked for that one, and told which on its standard input', async () => {
    installHelper('cloud', `printf '{"Username":"u-%s","Secret":"s"}' "$(cat)"`);
    configure({ credHelpers: { 'gcr.io': 'cloud' } });
    expect(await registryAuth('gcr.io/app', env())).toMatchObject({ username: 'u-gcr.io', password: 's' });
    expect(await registryAuth('ghcr.io/app', env())).toBeUndefined();
  });

  test('a store that knows nothing leaves the word to what is stored', async () => {
    installHelper('store', 'exit 1');
    configure({ credsStore: 'store', auths: { 'ghcr.io': { auth: Buffer.from('a:b').toString('base64') } } });
    expect(await registryAuth('ghcr.io/app', env())).toMatchObject({ username: 'a', password: 'b' });
  });

  test('they are read anew each time: a rotated token just works', async () => {
    configure({ auths: { 'ghcr.io': { identitytoken: 'old' } } });
    await registryAuth('ghcr.io/a', env());
    configure({ auths: { 'ghcr.io': { identitytoken: 'new' } } });
    expect(await registryAuth('ghcr.io/a', env())).toMatchObject({ identitytoken: 'new' });
  });

  test('a helper that is named but not there is said, not passed over', async () => {
    configure({ credsStore: 'nowhere' });
    await expect(registryAuth('ghcr.io/app', env())).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
