import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterEach, describe, expect, it } from 'vitest';
import { engineOptions, resolveEngineAddress } from '../../src/reconcilers/docker/engine-address.js';
import {
  buildImage,
  LOCAL_BUILD_LABEL,
  MADE_OF_LABEL,
  SOURCE_HASH_LABEL,
} from '../../src/setup/image-build.js';
import { pullImage } from '../../src/setup/image-pull.js';
import { imageIsPresent, obtainImage } from '../../src/setup/images.js';
import { startRegistry } from './registry.js';

const address = resolveEngineAddress(process.env);
const docker = new Docker(engineOptions(address));
const hasApt = existsSync('/usr/bin/apt-get');
const made: string[] = [];

/** A name that no registry answers for. */
function unpullable(name: string): string {
  const reference = `registry.invalid/swiftdeploy-test/${name}`;
  made.push(reference);
  return reference;
}

/** Runs `command` in `image` and resolves with its exit code and output. */
async function runIn(image: string, command: readonly string[]): Promise<{ code: number; output: string }> {
  const container = await docker.createContainer({ Image: image, Cmd: [...command] });
  try {
    await container.start();
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    return {
      code: StatusCode,
      output: (await container.logs({ stdout: true, stderr: true })).toString('utf8'),
    };
  } finally {
    await container.remove({ force: true });
  }
}

afterEach(async () => {
  for (const reference of made.splice(0)) {
    await docker
      .getImage(reference)
      .remove({ force: true })
      .catch(() => undefined);
  }
});

describe('an image that is missing', () => {
  it('is pulled, with progress', async () => {
    const registry = await startRegistry('hello', (await docker.version()).Arch);
    made.push(registry.reference);
    const progress: string[] = [];
    const result = await obtainImage(docker, registry.reference, (detail) => progress.push(detail));
    registry.close();
    expect(result).toEqual({ kind: 'pulled' });
    expect(await imageIsPresent(docker, registry.reference)).toBe(true);
    expect(progress.join('\n')).toContain(`pulling ${registry.reference}`);
  });

  it('is given up when its registry falls silent', async () => {
    const registry = await startRegistry('silent', (await docker.version()).Arch, { silent: true });
    made.push(registry.reference);
    const result = await pullImage(docker, registry.reference, () => undefined, 500);
    registry.close();
    expect(result).toEqual({ pulled: false, why: 'nothing came for 0.5 s' });
  });

  it('is reported with cause and cure when it can be neither pulled nor made', async () => {
    const reference = unpullable('unknown:1');
    const result = await obtainImage(docker, reference, () => undefined);
    expect(result).toMatchObject({
      kind: 'absent',
      why: expect.stringContaining(`${reference} is not on the engine and cannot be pulled (`) as string,
      cure: expect.stringContaining(`docker pull ${reference}`) as string,
    });
  });
});

describe.runIf(hasApt)('an image made here', () => {
  it('nginx is usable like the official one', async () => {
    const reference = unpullable('nginx:recipe');
    const result = await obtainImage(docker, reference, () => undefined);
    expect(result).toMatchObject({ kind: 'built', madeOf: expect.stringMatching(/^nginx 1\.\d+/) as string });
    const { Config } = await docker.getImage(reference).inspect();
    expect(Config.Labels).toMatchObject({
      [LOCAL_BUILD_LABEL]: 'true',
      [MADE_OF_LABEL]: expect.anything() as string,
    });
    expect(Config).toMatchObject({ Cmd: ['nginx', '-g', 'daemon off;'], StopSignal: 'SIGQUIT' });
    const check = await runIn(reference, ['nginx', '-t']);
    expect(check).toMatchObject({ code: 0, output: expect.stringContaining('test is successful') as string });
  });

  it('OPA runs, as nobody in particular', async () => {
    const reference = unpullable('opa:recipe-static');
    expect(await obtainImage(docker, reference, () => undefined)).toMatchObject({ kind: 'built' });
    expect((await docker.getImage(reference).inspect()).Config).toMatchObject({
      User: '1000:1000',
      Entrypoint: ['/opa'],
    });
    const { code, output } = await runIn(reference, ['version']);
    expect([code, output]).toEqual([0, expect.stringMatching(/Version: 1\./)]);
  });
});

describe('the workload image', () => {
  it('counts as missing when it is ours and made of other sources', async () => {
    const stale = 'swift-deploy-1-node:test-stale';
    made.push(stale);
    const directory = await mkdtemp(join(tmpdir(), 'swiftdeploy-test-'));
    await writeFile(join(directory, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');
    await buildImage(docker, stale, { directory, labels: { [SOURCE_HASH_LABEL]: 'old' } }, () => undefined);
    await rm(directory, { recursive: true });
    expect(await imageIsPresent(docker, stale)).toBe(false);
    expect(await imageIsPresent(docker, 'swift-deploy-1-node:latest')).toBe(true);
  });

  it('is left alone when somebody else made it', async () => {
    const foreign = 'swift-deploy-1-node:test-foreign';
    const registry = await startRegistry('foreign', (await docker.version()).Arch);
    made.push(foreign, registry.reference);
    expect(await pullImage(docker, registry.reference, () => undefined)).toEqual({ pulled: true });
    registry.close();
    await docker.getImage(registry.reference).tag({ repo: 'swift-deploy-1-node', tag: 'test-foreign' });
    expect(await imageIsPresent(docker, foreign)).toBe(true);
  });
});

describe('npm run up', () => {
  it('names stage, cause and cure when no engine answers, without a stack trace, and exits 1', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/up.mjs', '--setup-only'], {
      encoding: 'utf8',
      env: { ...process.env, DOCKER_HOST: 'unix:///nowhere/docker.sock' },
    });
    expect(stderr).toContain(
      '✘ engine: no engine answers at unix:///nowhere/docker.sock (ENOENT)\n' +
        '  cure: start that engine, or unset DOCKER_HOST to use the local one\n',
    );
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(1);
  });
});
