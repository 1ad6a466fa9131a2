/** `swiftdeploy validate` on the real engine: what it finds, that every check runs, and that it changes and leaves nothing. */
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ChecksDocument } from '../../src/cli/checks/print-checks.js';
import { loadManifest } from '../../src/reconcilers/desired/load-manifest.js';
import { DockerEngine } from '../../src/reconcilers/docker/docker-engine.js';
import { checkProxyConfig } from '../../src/reconcilers/proxy/check-config.js';
import { docker, removeAllOf, TEST_LABEL } from '../support/engine.js';
import { documentedChecks } from '../support/documented-checks.js';
import { freePort } from '../support/free-port.js';
import { CommandLine, scratchFolder } from '../support/swiftdeploy.js';
import { until } from '../support/until.js';
import schema from '../../schema/checks.schema.json' with { type: 'json' };
import { startRegistry } from './registry.js';

const STACK = `swd-validate-${String(process.pid)}`;
const BESIDE = { [TEST_LABEL]: STACK };
const isValid = new Ajv2020({ strict: true, strictRequired: false }).compile(schema);

let shell: CommandLine;
let ports: { proxy: number; opa: number };

interface Wish {
  readonly image?: string;
  readonly service?: string;
  readonly nginx?: string;
  readonly network?: string;
}

function manifest({ image, service = '', nginx = 'nginx:latest', network = STACK }: Wish = {}): string {
  return `name: ${STACK}
services:
  name: app
  image: ${image ?? 'swift-deploy-1-node:latest'}
  port: 3000
  mode: stable
  version: "1.0.0"
  health: { interval: 200ms, deadline: 10s }
${service}
nginx: { image: "${nginx}", port: ${String(ports.proxy)}, proxy_timeout: 30 }
opa: { image: "openpolicyagent/opa:latest-static", port: ${String(ports.opa)} }
network: { name: ${network} }
`;
}

async function write(text: string): Promise<void> {
  await writeFile(shell.path('manifest.yaml'), text);
}

/** The document on stdout, which obeys its schema. */
async function json(...args: string[]): Promise<{ code: number | null; document: ChecksDocument }> {
  const { code, stdout } = await shell.run('validate', '-o', 'json', ...args);
  const document = JSON.parse(stdout) as ChecksDocument;
  isValid(document);
  expect(isValid.errors).toBeNull();
  return { code, document };
}

function resultsOf({ checks }: ChecksDocument): Record<string, string> {
  return Object.fromEntries(checks.map(({ name, result }) => [name, result]));
}

function check({ checks }: ChecksDocument, name: string) {
  return checks.find((one) => one.name === name);
}

/** Everything of this stack on the engine, throw-away containers too. */
async function onEngine(): Promise<string[]> {
  const filters = { label: [`swiftdeploy.stack=${STACK}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const { Volumes } = await docker.listVolumes({ filters });
  return [
    ...containers.map(({ Id }) => Id),
    ...networks.map(({ Id }) => Id),
    ...(Volumes ?? []).map(({ Name }) => Name),
  ].sort();
}

beforeAll(async () => {
  shell = new CommandLine(await scratchFolder());
});

afterEach(async () => {
  await removeAllOf(STACK);
});

afterAll(async () => {
  await shell.dispose();
});

const NAMES = documentedChecks('validate');

describe('with nothing deployed', () => {
  beforeAll(async () => {
    ports = { proxy: await freePort(), opa: await freePort() };
  });

  test('a good manifest: a line per check, the published five first, and nothing is left behind', async () => {
    await write(manifest());
    const before = await readdir(shell.dir);
    const { code, stdout, stderr } = await shell.run('validate');
    expect(
      stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.slice(0, 14).trim()),
    ).toEqual(NAMES.map((name) => `✔ ${name}`));
    expect(stdout).toContain(`${shell.path('manifest.yaml')} is valid YAML`);
    expect(stdout).toMatch(/nginx [\d.]+ accepts what is generated \(nginx -t\)/);
    expect(stderr).toContain('all 12 checks passed');
    expect(NAMES.slice(0, 5)).toEqual(['manifest', 'fields', 'images', 'nginx port', 'nginx config']);
    expect(code).toBe(0);
    expect(await onEngine()).toEqual([]);
    expect(await readdir(shell.dir)).toEqual(before);
  });

  test('three errors: each at its place, and what can be looked at is looked at', async () => {
    await write(
      manifest()
        .replace('port: 3000', 'port: 70000')
        .replace('mode: stable', 'moode: stable')
        .replace('image: "nginx:latest", ', ''),
    );
    const { code, document } = await json();
    const at = (place: string) => `${shell.path('manifest.yaml')}:${place}`;
    expect(check(document, 'manifest')?.items?.map(({ found }) => found)).toEqual([
      `${at('5:9')} services.port must be <= 65535 (got 70000)`,
      `${at('6:3')} services.moode is not a known key, did you mean \`mode\`?`,
    ]);
    expect(check(document, 'fields')?.items?.map(({ found }) => found)).toEqual([
      `${at('10:1')} nginx.image is required`,
    ]);
    expect(resultsOf(document)).toMatchObject({
      images: 'ok',
      'nginx port': 'ok',
      'nginx config': 'skipped',
      policies: 'ok',
      'opa port': 'ok',
      volumes: 'skipped',
    });
    expect(check(document, 'policies')?.found).toMatch(
      /pass their tests; whether they allow this manifest is asked before each step: swiftdeploy plan asks now, swiftdeploy policies explain says why$/,
    );
    expect(code).toBe(3);
    expect(await onEngine()).toEqual([]);
  });

  test('everything wrong at once: every check still runs, and names who and what', async () => {
    const server = await listenOn(ports.proxy);
    const holder = await publishing(ports.opa);
    await docker.createNetwork({ Name: `${STACK}-net`, Labels: BESIDE });
    await writeFile(
      shell.path('policies/infrastructure/broken.rego'),
      'package swiftdeploy.infrastructure\n\nbroken if no_such_function(1)\n',
    );
    try {
      const service = `  volumes: ["/no/such dir:/data"]\n  pull: never\n  route: { path: /app }`;
      await write(manifest({ image: 'no-such-image:1', network: `${STACK}-net`, service }));
      const { code, document } = await json();
      expect(check(document, 'images')).toMatchObject({
        result: 'fail',
        items: expect.arrayContaining([
          expect.objectContaining({
            found: 'app: no-such-image:1 is not on the engine, and pull is never',
            cure: expect.stringContaining('docker build -t no-such-image:1') as string,
          }),
        ]) as unknown,
      });
      expect(check(document, 'nginx port')?.found).toBe(
        `port ${String(ports.proxy)} is held by process ${String(process.pid)} (node)`,
      );
      expect(check(document, 'opa port')?.found).toMatch(
        new RegExp(`held by container ${holder} \\(image nginx`),
      );
      expect(check(document, 'opa port')?.cure).toContain(`docker stop ${holder}`);
      expect(check(document, 'policies')?.items?.[0]?.found).toMatch(
        /^infrastructure\/broken\.rego:3:\d+ rego_type_error: undefined function no_such_function/,
      );
      expect(check(document, 'volumes')?.items?.[0]?.found).toContain('/no/such dir, which does not exist');
      expect(check(document, 'networks')?.items?.[0]?.cure).toContain(`docker network rm ${STACK}-net`);
      expect(check(document, 'nginx config')?.result).toBe('ok');
      expect(code).toBe(1);
    } finally {
      server.close();
      await rm(shell.path('policies/infrastructure/broken.rego'));
    }
    expect(await onEngine()).toEqual([]);
  });

  test('an image that is no nginx', async () => {
    await write(manifest({ nginx: 'swift-deploy-1-node:latest' }));
    const { code, document } = await json();
    expect(check(document, 'nginx config')).toMatchObject({
      result: 'fail',
      found: expect.stringContaining('no container of swift-deploy-1-node:latest can be run') as string,
      cure: 'nginx.image has to be an image of nginx',
    });
    expect(code).toBe(1);
    expect(await onEngine()).toEqual([]);
  });

  test('a configuration that the real nginx refuses, in its own words', async () => {
    const loaded = loadManifest(Buffer.from(manifest()), 'manifest.yaml');
    if (!loaded.ok) throw new Error('the sample is broken');
    const [app] = loaded.stack.services;
    const services = app === undefined ? [] : [{ ...app, route: { path: '/ { } nonsense' } }];
    const engine = new DockerEngine(docker);
    const place = { engine, stack: STACK, image: 'nginx:latest', tester: 'try' };
    const refused = await checkProxyConfig(place, { ...loaded.stack, services });
    expect(refused?.refusal).toMatch(/\[emerg\] .*nginx\.conf:\d+/);
    expect(await checkProxyConfig(place, loaded.stack)).toEqual({ version: refused?.version });
    expect(await checkProxyConfig({ ...place, image: 'no-such-image:1' }, loaded.stack)).toBeUndefined();
    expect(await onEngine()).toEqual([]);
  });

  test('an image that a registry has is not pulled; one that it does not have is told from one that is silent', async () => {
    const { Architecture } = await docker.info();
    const registry = await startRegistry('swd-validate', Architecture === 'aarch64' ? 'arm64' : 'amd64');
    try {
      await write(manifest({ image: registry.reference }));
      const known = await json();
      expect(check(known.document, 'images')?.found).toContain(`${registry.reference} will be pulled`);
      expect(known.code).toBe(0);
      await expect(docker.getImage(registry.reference).inspect()).rejects.toMatchObject({ statusCode: 404 });
    } finally {
      registry.close();
    }
    const silent = await json();
    expect(check(silent.document, 'images')?.items?.at(-1)?.found).toMatch(
      /its registry cannot be asked: .*refused/,
    );
    expect(silent.code).toBe(1);
  });

  test.each([
    ['unix:///no/such/engine.sock', '(ENOENT) at unix:///no/such/engine.sock'],
    ['tcp://127.0.0.1:1', '(ECONNREFUSED) at tcp://127.0.0.1:1'],
    ['ssh://somewhere', 'goes over ssh'],
  ])('DOCKER_HOST=%s: the manifest is still checked', async (host, says) => {
    await write(manifest());
    const nowhere = new CommandLine(shell.dir, { DOCKER_HOST: host });
    const { code, stdout } = await nowhere.run('validate');
    expect(stdout).toMatch(/^✔ manifest .*\n✔ fields .*\n- images +not checked: no engine\n/);
    expect(stdout).toMatch(/\n✘ engine .*\n +→ /);
    expect(stdout).toContain(says);
    expect(code).toBe(1);
  });

  test('Ctrl-C ends it with 130 and takes its containers away', async () => {
    await write(manifest());
    const { child, ended } = shell.start('validate');
    await until('it tries something', async () => (await onEngine()).length > 0);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect([code, stderr.trim()]).toEqual([130, 'interrupted']);
    expect(await onEngine()).toEqual([]);
  });
});

test('beside a controller: its own ports are fine, and nothing of the stack is touched', async () => {
  ports = { proxy: await freePort(), opa: await freePort() };
  await write(manifest());
  const controller = shell.start('run', '--listen', 'off');
  try {
    await until('the controller is ready', () => controller.said.stderr.includes('✔ ready'));
    const before = await onEngine();
    const { code, document } = await json();
    expect(check(document, 'nginx port')?.found).toContain("held by this stack's own proxy");
    expect(check(document, 'opa port')?.found).toContain("held by this stack's own policy engine");
    expect(Object.values(resultsOf(document))).toEqual(NAMES.map(() => 'ok'));
    expect(code).toBe(0);
    expect(await onEngine()).toEqual(before);
  } finally {
    controller.child.kill('SIGTERM');
    await controller.ended;
  }
});

/** On every address, as a program that somebody forgot. */
async function listenOn(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, '0.0.0.0');
  await once(server, 'listening');
  return server;
}

/** A container of nobody's stack that has the port on the loopback; its name. */
async function publishing(port: number): Promise<string> {
  const container = await docker.createContainer({
    name: `${STACK}-holder`,
    Image: 'nginx:latest',
    Entrypoint: ['nginx'],
    Cmd: ['-g', 'daemon off;'],
    Labels: BESIDE,
    ExposedPorts: { '80/tcp': {} },
    HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] } },
  });
  await container.start();
  return `${STACK}-holder`;
}
