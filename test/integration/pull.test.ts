/** Pulls on the real engine from a registry that asks for a password, and with credential helpers that hang. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { pullImage } from '../../src/reconcilers/docker/pull.js';
import { registryAuth } from '../../src/reconcilers/docker/registry-auth.js';
import { docker } from '../support/engine.js';
import { until } from '../support/until.js';
import { startRegistry, type FakeRegistry } from './registry.js';

const PASSWORD = 'planted-hunter2';
let registry: FakeRegistry;
let host = '';
let dir = '';

beforeAll(async () => {
  registry = await startRegistry('swd-pull-private', (await docker.version()).Arch, {
    login: `ann:${PASSWORD}`,
  });
  host = registry.reference.slice(0, registry.reference.indexOf('/'));
});
afterAll(() => registry.close());

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'swd-pull-'));
});
afterEach(async () => {
  rmSync(dir, { recursive: true });
  await docker
    .getImage(registry.reference)
    .remove({ force: true })
    .catch(() => undefined);
});

const env = () => ({ DOCKER_CONFIG: dir, PATH: `${dir}:${process.env.PATH ?? ''}` });

function configure(config: object): void {
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config));
}

function loggedInAs(login: string): void {
  configure({ auths: { [host]: { auth: Buffer.from(login).toString('base64') } } });
}

function installHelper(script: string): void {
  writeFileSync(join(dir, 'docker-credential-own'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  configure({ credsStore: 'own' });
}

const pull = (silenceMs = 20_000) => pullImage(docker, registry.reference, { env: env(), silenceMs });

async function isHere(): Promise<boolean> {
  return docker
    .getImage(registry.reference)
    .inspect()
    .then(
      () => true,
      () => false,
    );
}

/** Why it cannot be pulled. */
async function refusal(silenceMs?: number): Promise<string> {
  const said = await pull(silenceMs).then(
    () => 'it was pulled',
    (error: unknown) => String(error),
  );
  expect(await isHere()).toBe(false);
  expect(said).not.toContain(PASSWORD);
  return said;
}

describe('an image that is not for everybody', () => {
  test('is pulled with what docker login stored', async () => {
    loggedInAs(`ann:${PASSWORD}`);
    await pull();
    expect(await isHere()).toBe(true);
  });

  test('is pulled with what a helper says', async () => {
    installHelper(`printf '{"Username":"ann","Secret":"${PASSWORD}"}'`);
    await pull();
    expect(await isHere()).toBe(true);
  });

  test('is refused to who is not logged in', async () => {
    expect(await refusal()).toMatch(/cannot be pulled: .*(no basic auth credentials|unauthorized|denied)/);
  });

  test('is refused to a wrong password', async () => {
    loggedInAs(`ann:${PASSWORD}-old`);
    expect(await refusal()).toMatch(/cannot be pulled: .*(unauthorized|denied|no basic auth)/i);
  });

  test('is refused, and the helper named that should have had the password', async () => {
    installHelper(`echo ${PASSWORD}`);
    expect(await refusal()).toContain(
      `; credentials for ${host} may be missing, because docker-credential-own did not answer with JSON`,
    );
  });
});

test('an image for everybody is pulled, whatever became of the helper', async () => {
  configure({ credsStore: 'nowhere' });
  const open = await startRegistry('swd-pull-open', (await docker.version()).Arch);
  try {
    const told: string[] = [];
    await pullImage(docker, open.reference, { env: env(), onProgress: (words) => told.push(words) });
    expect(told[0]).toContain('docker-credential-nowhere is not installed: install it, or remove credsStore');
    await docker.getImage(open.reference).remove({ force: true });
  } finally {
    open.close();
  }
});

describe('a helper that hangs', () => {
  /** Its process, once it runs. */
  const pid = () => until('the helper runs', () => Number(readOr('pid')) || undefined);

  function readOr(name: string): string {
    try {
      return readFileSync(join(dir, name), 'utf8');
    } catch {
      return '';
    }
  }

  function hangs(script: string): void {
    installHelper(`echo $$ > "${dir}/pid"; ${script}`);
  }

  const isGone = (id: number) => () => {
    try {
      return !process.kill(id, 0);
    } catch {
      return true;
    }
  };

  /** Its child has its output, until the folder goes. */
  const CHILD_HANGS = '(while [ -e "$0" ]; do sleep 0.1; done) & wait';

  test.each(['exec sleep 60', 'trap "" TERM; while :; do :; done', CHILD_HANGS])(
    'is killed and named, and a pull with the mended one goes well: %s',
    async (script) => {
      hangs(script);
      expect(await refusal(2000)).toContain(
        `credentials for ${host} may be missing, because docker-credential-own gave no answer within 2 s`,
      );
      await until('it is gone', isGone(await pid()));
      installHelper(`printf '{"Username":"ann","Secret":"${PASSWORD}"}'`);
      await pull();
      expect(await isHere()).toBe(true);
    },
  );

  test('is killed when nobody waits any more', async () => {
    hangs('exec sleep 60');
    const stop = new AbortController();
    const looked = registryAuth(registry.reference, { env: env(), limitMs: 60_000, signal: stop.signal });
    const id = await pid();
    stop.abort();
    await expect(looked).rejects.toThrow(/abort/);
    await until('it is gone', isGone(id));
  });
});
