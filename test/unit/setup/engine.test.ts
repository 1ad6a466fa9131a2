import { createServer, type Server } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findEngine, pingEngine } from '../../../src/setup/engine.js';

describe('an engine that does not answer', () => {
  let directory: string;
  let socketPath: string;
  let server: Server | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'swiftdeploy-engine-'));
    socketPath = join(directory, 'docker.sock');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    server?.close();
    server = undefined;
    await rm(directory, { recursive: true });
  });

  function addressOf(path: string) {
    return { socketPath: path, describe: `unix://${path}`, source: 'default' } as const;
  }

  it('is told by its error when there is no socket', async () => {
    expect(await pingEngine(addressOf(socketPath))).toBe('ENOENT');
  });

  it('is not waited for when it accepts and says nothing', async () => {
    server = createServer(() => undefined).listen(socketPath);
    expect(await pingEngine(addressOf(socketPath), 50)).toBe('no answer within 0.05 s');
  });

  it('is named with where, why and the cure, and nothing else is tried when DOCKER_HOST names it', async () => {
    vi.stubEnv('DOCKER_HOST', `unix://${socketPath}`);
    await expect(findEngine()).rejects.toMatchObject({
      message: `no engine answers at unix://${socketPath} (ENOENT)`,
      cure: 'start that engine, or unset DOCKER_HOST to use the local one',
    });
  });

  it('is named with the cure when its address cannot be used', async () => {
    vi.stubEnv('DOCKER_HOST', 'ssh://ann@far');
    await expect(findEngine()).rejects.toMatchObject({
      cure: expect.stringContaining('ssh -nNT -L') as string,
    });
  });
});
