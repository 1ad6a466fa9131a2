import { Agent } from 'node:http';
import Docker from 'dockerode';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { engineOptions, resolveEngineAddress } from '../../src/reconcilers/docker/engine-address.js';
import { ask, post, type Ask, type Reply } from '../unit/workload/http.js';

const IMAGE = 'swift-deploy-1-node:latest';
const LABELS = { 'swiftdeploy.test': 'workload' };

const docker = new Docker(engineOptions(resolveEngineAddress(process.env)));

interface Running {
  readonly container: Docker.Container;
  readonly port: number;
}

/** As the controller will run it: no capability, no new privilege, a read-only root. */
async function run(env: readonly string[], extra: Docker.ContainerCreateOptions = {}): Promise<Running> {
  const container = await docker.createContainer({
    Image: IMAGE,
    Env: [...env],
    Labels: LABELS,
    ExposedPorts: { '3000/tcp': {} },
    HostConfig: {
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      PidsLimit: 64,
      PortBindings: { '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
    },
    ...extra,
  });
  await container.start();
  const { NetworkSettings } = await container.inspect();
  const running = { container, port: Number(NetworkSettings.Ports['3000/tcp']?.[0]?.HostPort) };
  await expect.poll(() => statusOf(running.port, '/healthz'), { interval: 10, timeout: 10_000 }).toBe(200);
  return running;
}

function fresh(port: number, path: string, options: Ask = {}): Promise<Reply> {
  return ask(port, path, { ...options, agent: new Agent() });
}

async function statusOf(port: number, path: string): Promise<number> {
  return fresh(port, path).then(
    (reply) => reply.statusCode,
    () => 0,
  );
}

async function logsOf(container: Docker.Container): Promise<string> {
  return (await container.logs({ stdout: true, stderr: true })).toString('utf8');
}

async function removeAll(): Promise<void> {
  const filters = JSON.stringify({ label: ['swiftdeploy.test=workload'] });
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
}

beforeAll(removeAll);
afterEach(removeAll);

describe('the image', () => {
  it('is small, runs as 10001:10001 and says where it listens', async () => {
    const image = await docker.getImage(IMAGE).inspect();
    expect(image.Size).toBeLessThan(300e6);
    expect(image.Config).toMatchObject({ User: '10001:10001', ExposedPorts: { '3000/tcp': {} } });
  });

  it('owns its log directory, on a new volume too', async () => {
    const script =
      'require("fs").writeFileSync("/var/log/app/x", ""); console.log(process.getuid(), process.getgid())';
    const container = await docker.createContainer({
      Image: IMAGE,
      Labels: LABELS,
      Entrypoint: ['node', '-e', script],
      HostConfig: { CapDrop: ['ALL'], Mounts: [{ Type: 'volume', Source: '', Target: '/var/log/app' }] },
    });
    await container.start();
    expect(await container.wait()).toMatchObject({ StatusCode: 0 });
    expect(await logsOf(container)).toContain('10001 10001');
    await container.remove({ v: true });
  });
});

describe('a container of it', () => {
  it('takes mode, version and port from the environment', async () => {
    const { port } = await run(['MODE=canary', 'APP_VERSION=2.0.0']);
    const reply = await fresh(port, '/');
    expect(reply.headers['x-mode']).toBe('canary');
    expect(reply.json()).toMatchObject({ mode: 'canary', version: '2.0.0' });
  });

  it('refuses a bad environment with one line and exit code 1', async () => {
    const container = await docker.createContainer({ Image: IMAGE, Labels: LABELS, Env: ['MODE=blue'] });
    await container.start();
    expect(await container.wait()).toMatchObject({ StatusCode: 1 });
    expect(await logsOf(container)).toContain('MODE must be stable or canary (got "blue")');
  });

  it('finishes the request in flight on SIGTERM, then exits 0', async () => {
    const { container, port } = await run(['MODE=canary']);
    await post(port, '/chaos', { mode: 'slow', duration: 1 });
    const inFlight = fresh(port, '/');
    await expect.poll(() => statusOf(port, '/healthz')).toBe(200);
    await container.kill({ signal: 'SIGTERM' });
    await expect.poll(() => statusOf(port, '/healthz'), { interval: 20 }).toBe(0);
    const reply = await inFlight;
    expect([reply.statusCode, reply.headers.connection]).toEqual([200, 'close']);
    expect(await container.wait()).toMatchObject({ StatusCode: 0 });
  });

  it('exits 0 when it is stopped while idle', async () => {
    const { container } = await run([]);
    await container.stop({ t: 10 });
    expect((await container.inspect()).State.ExitCode).toBe(0);
  });
});
