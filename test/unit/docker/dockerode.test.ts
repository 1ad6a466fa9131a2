import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { loadDocker } from '../../../src/reconcilers/docker/dockerode.js';

const { cache } = createRequire(import.meta.url);
const Docker = loadDocker();

test('dockerode comes without gRPC and ssh, which are half of its start', () => {
  const packages = new Set(
    Object.keys(cache).map((path) => /node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(path)?.[1]),
  );
  expect(packages).toContain('docker-modem');
  for (const unused of ['@grpc/grpc-js', 'protobufjs', 'ssh2']) expect(packages).not.toContain(unused);
});

test('what is left out says so when it is needed all the same', async () => {
  const docker = new Docker({ host: '127.0.0.1', protocol: 'ssh' });
  await expect(docker.ping()).rejects.toThrow('is left out by src/reconcilers/docker/dockerode.ts');
});
