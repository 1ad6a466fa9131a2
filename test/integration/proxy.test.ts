/** What the planner's models become in a real nginx: accepted, routed, answered, logged and guarded as designed. */
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import Docker from 'dockerode';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DockerEngine } from '../../src/reconcilers/docker/docker-engine.js';
import { engineOptions, resolveEngineAddress } from '../../src/reconcilers/docker/engine-address.js';
import { serverAddress, type ProxyModel } from '../../src/reconcilers/plan/proxy-model.js';
import { PROXY_ADMIN_PORT, PROXY_PORT } from '../../src/reconcilers/plan/templates.js';
import { chosenServer } from '../../src/reconcilers/proxy/admin-client.js';
import { ProxyConfigRefused, ProxyControl } from '../../src/reconcilers/proxy/proxy-control.js';
import { CANDIDATE_PATH, ProxyFiles } from '../../src/reconcilers/proxy/proxy-files.js';
import { ADMIN_TOKEN_HEADER } from '../../src/reconcilers/proxy/render-admin.js';
import { renderConfig, revisionOf } from '../../src/reconcilers/proxy/render.js';
import { areResolved } from '../../src/reconcilers/proxy/resolved-upstreams.js';
import { model, route, someModel } from '../support/model/proxy-models.js';
import { until } from '../support/until.js';

const IMAGE = 'nginx:latest';
const USER = '10001:10001';
const TOKEN = randomBytes(16).toString('hex');
const RUN = `swiftdeploy-test-proxy-${randomBytes(4).toString('hex')}`;
const LABELS = { 'swiftdeploy.test': RUN };

const docker = new Docker(engineOptions(resolveEngineAddress(process.env)));
const engine = new DockerEngine(docker);

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A fresh connection each time, and the path as it is written: nothing normalises it on the way. */
function ask(port: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, headers, agent: new Agent() }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    call.on('error', reject);
    call.end();
  });
}

/** An nginx with this configuration, on the test's network; `ports` are published on the loopback. */
async function start(config: string, ports: readonly number[]): Promise<Docker.Container> {
  const container = await docker.createContainer({
    Image: IMAGE,
    User: USER,
    Entrypoint: ['nginx'],
    Cmd: ['-g', 'daemon off;'],
    Labels: LABELS,
    ExposedPorts: Object.fromEntries(ports.map((port) => [`${String(port)}/tcp`, {}])),
    HostConfig: {
      NetworkMode: RUN,
      CapDrop: ['ALL'],
      PortBindings: Object.fromEntries(
        ports.map((port) => [`${String(port)}/tcp`, [{ HostIp: '127.0.0.1', HostPort: '' }]]),
      ),
    },
  });
  await new ProxyFiles(engine).writeConfig(container.id, config);
  await container.start();
  return container;
}

async function published(container: Docker.Container, port: number): Promise<number> {
  const { NetworkSettings } = await container.inspect();
  return Number(NetworkSettings.Ports[`${String(port)}/tcp`]?.[0]?.HostPort);
}

/** Answers with its name and what it was asked; `/own-503` with an error of its own. */
async function backend(name: string): Promise<Backend> {
  const config = [
    'pid /tmp/nginx.pid;',
    'events {}',
    'http {',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path /tmp/${kind};`),
    'server { listen 3000; add_header X-Mode canary always;',
    "location = /own-503 { return 503 'the app itself'; }",
    `location / { return 200 '${name} $request_uri $http_host $http_x_forwarded_for $http_x_swiftdeploy_token'; } } }`,
  ].join('\n');
  const container = await start(config, []);
  return { container, servers: [{ address: serverAddress(container.id), port: 3000 }] };
}

interface Backend {
  readonly container: Docker.Container;
  readonly servers: ProxyServers;
}

type ProxyServers = readonly { readonly address: string; readonly port: number }[];

/** Replaces the configuration of a running proxy; from then on no worker of the old one takes a connection. */
async function serve(proxy: Docker.Container, next: ProxyModel): Promise<void> {
  const old = new Set((await workers(proxy)).map(({ pid }) => pid));
  await new ProxyFiles(engine).writeConfig(proxy.id, renderConfig(next, TOKEN));
  await engine.signal(proxy.id, 'SIGHUP');
  await served(proxy, next);
  await until('the old workers take no connection any more', async () =>
    (await workers(proxy)).every(({ pid, command }) => !old.has(pid) || command.includes('shutting down')),
  );
}

async function workers(proxy: Docker.Container) {
  return (await engine.processes(proxy.id)).filter(({ command }) => command.includes('worker process'));
}

async function served(proxy: Docker.Container, next: ProxyModel): Promise<void> {
  const port = await published(proxy, PROXY_ADMIN_PORT);
  await until('the proxy serves its configuration', () =>
    ask(port, '/config', { [ADMIN_TOKEN_HEADER]: TOKEN }).then(
      ({ body }) => body === revisionOf(next),
      () => false,
    ),
  );
  await until('nginx has resolved the names of the backends', () => resolved(port, next, [a, b]));
}

/** As the controller asks; a name that no container has stays unresolved. */
function resolved(port: number, next: ProxyModel, expected: readonly Backend[]): Promise<boolean> {
  const running = new Set(expected.flatMap(({ servers }) => servers.map(({ address }) => address)));
  const healthPaths = new Map(next.routes.map(({ service }) => [service, '/']));
  return areResolved({ port, token: TOKEN }, next, { running, healthPaths });
}

async function accessLog(proxy: Docker.Container): Promise<string[]> {
  return (await engine.logs(proxy.id, 1000)).filter((line) => line.includes(' | '));
}

let proxy: Docker.Container;
let publicPort: number;
let adminPort: number;
let a: Backend;
let b: Backend;

beforeAll(async () => {
  await docker.createNetwork({ Name: RUN, Driver: 'bridge', Labels: LABELS });
  const first = model([]);
  [a, b, proxy] = await Promise.all([
    backend('A'),
    backend('B'),
    start(renderConfig(first, TOKEN), [PROXY_PORT, PROXY_ADMIN_PORT]),
  ]);
  [publicPort, adminPort] = [await published(proxy, PROXY_PORT), await published(proxy, PROXY_ADMIN_PORT)];
  await served(proxy, first);
});

afterAll(async () => {
  const filters = JSON.stringify({ label: [`swiftdeploy.test=${RUN}`] });
  const left = await docker.listContainers({ all: true, filters });
  await Promise.all(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  await docker.getNetwork(RUN).remove();
});

describe('nginx -t', () => {
  test('takes whatever a legal manifest can ask for', async () => {
    const files = new ProxyFiles(engine);
    await fc.assert(
      fc.asyncProperty(someModel, async (one) => {
        expect(await files.test(proxy.id, renderConfig(one, TOKEN))).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  test('tells services apart that differ in a sign only', async () => {
    const twins = ['a-b', 'a_b', 'a-_b', 'a_2d_b'].map((name) =>
      route(name, { path: `/${name}` }, a.servers),
    );
    for (const resolvesUpstreams of [true, false]) {
      const config = renderConfig(model(twins, { resolvesUpstreams }), TOKEN);
      expect(await new ProxyFiles(engine).test(proxy.id, config)).toBeUndefined();
    }
  });
});

describe('what is tested ahead of time', () => {
  const candidate = async () => (await engine.getFile(proxy.id, CANDIDATE_PATH))?.toString('utf8');

  test('is not tested again when only container ids differ, and is when anything else does', async () => {
    const control = new ProxyControl(engine, TOKEN);
    await control.observe(await engine.inspectContainer(proxy.id), {
      running: new Set(),
      healthPaths: new Map(),
    });
    const one = model([route('one', { path: '/' }, a.servers)]);
    const moved = model([route('one', { path: '/' }, b.servers)]);
    const grown = model([route('one', { path: '/' }, [...a.servers, ...b.servers])]);
    await control.stage(one);
    expect(await candidate()).toBe(renderConfig(one, TOKEN));
    await control.stage(moved);
    expect(await candidate()).toBe(renderConfig(one, TOKEN));
    await control.stage(grown);
    expect(await candidate()).toBe(renderConfig(grown, TOKEN));
    const refused = model([route('one', { path: '/ {' }, b.servers)]);
    await expect(control.stage(refused)).rejects.toThrow(ProxyConfigRefused);
    await expect(control.stage(refused)).rejects.toThrow(ProxyConfigRefused);
  });
});

describe.each([
  ['as this nginx can', {}],
  ['as an older nginx can', { resolvesUpstreams: false, keepaliveMinTimeout: false }],
])('routes, %s', (_what, variant) => {
  beforeAll(async () => {
    const routes = [
      route('one', { path: '/' }, a.servers),
      route('two', { path: '/api' }, b.servers),
      route('three', { path: '/', host: 'shop.example' }, b.servers),
      route('four', { path: '/api/v2', host: 'shop.example' }, a.servers),
    ];
    await serve(proxy, model(routes, variant));
  });

  test.each([
    ['/', 'any.example', 'A'],
    ['/index.html?q=1', 'any.example', 'A'],
    ['/api', 'any.example', 'B'],
    ['/api/v2', 'any.example', 'B'],
    ['/apiary', 'any.example', 'B'],
    ['/', 'shop.example', 'B'],
    ['/', 'SHOP.example', 'B'],
    ['/', 'www.shop.example', 'A'],
    ['/api', 'shop.example', 'B'],
    ['/api/v2/x', 'shop.example', 'A'],
  ])('%s at %s is %s', async (path, host, name) => {
    const { status, body } = await ask(publicPort, path, { Host: host });
    expect([status, body.split(' ').slice(0, 3)]).toEqual([200, [name, path, host]]);
  });

  test('the path goes on as it came, with who asked, and answers say who deployed them', async () => {
    const { headers, body } = await ask(publicPort, '/a%20b//c/../d?x=%2F', { Host: 'any.example' });
    expect(body).toMatch(/^A \/a%20b\/\/c\/\.\.\/d\?x=%2F any\.example \d+\.\d+\.\d+\.\d+ $/);
    expect(headers).toMatchObject({ 'x-deployed-by': 'swiftdeploy', 'x-mode': 'canary' });
    expect(headers.server).toBe('nginx');
  });

  test('an error of the app stays the app’s', async () => {
    const { status, headers, body } = await ask(publicPort, '/own-503');
    expect([status, body, headers['x-deployed-by']]).toEqual([503, 'the app itself', 'swiftdeploy']);
  });
});

describe('errors that nginx makes', () => {
  const NOBODY = [{ address: 'abcdef012345', port: 3000 }];

  async function errorOf(path: string) {
    const { status, headers, body } = await ask(publicPort, path);
    const type = headers['content-type'];
    return { status, type, by: headers['x-deployed-by'], body: JSON.parse(body) as unknown };
  }

  test('are JSON that says what, where and whom to ask', async () => {
    const routes = [
      route('gone', { path: '/gone' }, NOBODY),
      route('none', { path: '/none' }, []),
      route('slow', { path: '/slow' }, b.servers),
    ];
    await serve(proxy, model(routes, { timeoutSeconds: 1 }));
    const common = { contact: 'ops@example.com' };
    const answer = { type: 'application/json', by: 'swiftdeploy' };
    expect(await errorOf('/gone')).toEqual({
      ...answer,
      status: 502,
      body: { ...common, error: 'Bad Gateway', code: 502, service: 'gone' },
    });
    expect(await errorOf('/none')).toEqual({
      ...answer,
      status: 503,
      body: { ...common, error: 'Service Unavailable', code: 503, service: 'none' },
    });
    await b.container.pause();
    const slow = await errorOf('/slow').finally(() => b.container.unpause());
    expect(slow).toEqual({
      ...answer,
      status: 504,
      body: { ...common, error: 'Gateway Timeout', code: 504, service: 'slow' },
    });
    expect(await errorOf('/nowhere')).toMatchObject({ status: 404, by: 'swiftdeploy', body: { code: 404 } });
  });

  test.each([
    ['"Ops" <ops@example.com>'],
    ["o'hara; return 200 'x'"],
    ['$host ${host} $'],
    ['back\\slash'],
    ['équipe 支援 🚑'],
    ['{"a": [1]}'],
    [''],
  ])('parse, whatever the contact is: %s', async (contact) => {
    await serve(proxy, model([route('none', { path: '/' }, [])], { contact }));
    const { status, body } = await errorOf('/');
    expect(status).toBe(503);
    expect(body).toMatchObject({ code: 503, service: 'none', contact: expect.any(String) as string });
  });

  test('keep a contact of plain words and signs as it is', async () => {
    const contact = 'équipe 支援 <ops@example.com>, +1 (555) 0100; {x}';
    await serve(proxy, model([route('none', { path: '/' }, [])], { contact }));
    expect((await errorOf('/')).body).toMatchObject({ contact });
  });
});

describe('the access log', () => {
  test('has exactly the published fields, a line a request, and none of the admin listener', async () => {
    await serve(proxy, model([route('one', { path: '/' }, a.servers), route('none', { path: '/none' }, [])]));
    const { length: before } = await accessLog(proxy);
    await ask(publicPort, '/logged?q=1');
    await ask(publicPort, '/none');
    await ask(adminPort, '/config', { [ADMIN_TOKEN_HEADER]: TOKEN });
    await until('both are logged', async () => (await accessLog(proxy)).length - before >= 2);
    const lines = (await accessLog(proxy)).slice(before);
    expect(lines).toHaveLength(2);
    const line = (path: string) => lines.find((text) => text.includes(path)); // each worker writes its own
    const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d`;
    expect(line('/logged')).toMatch(
      new RegExp(
        String.raw`^${time} \| 200 \| \d+\.\d{3}s \| \d+\.\d+\.\d+\.\d+:3000 \| GET /logged\?q=1 HTTP/1\.1$`,
      ),
    );
    expect(line('/none')).toMatch(
      new RegExp(String.raw`^${time} \| 503 \| \d+\.\d{3}s \| - \| GET /none HTTP/1\.1$`),
    );
  });
});

describe('the admin listener', () => {
  const replica = (path: string) => `/replica/${serverAddress(a.container.id)}/3000${path}`;

  test('refuses without the token, whatever is asked', async () => {
    const paths = ['/', '/config', replica('/'), '/replica/localhost/8081/config'];
    for (const path of paths) {
      expect((await ask(adminPort, path)).status).toBe(403);
      expect((await ask(adminPort, path, { [ADMIN_TOKEN_HEADER]: `${TOKEN}x` })).status).toBe(403);
      expect((await ask(adminPort, path, { [ADMIN_TOKEN_HEADER]: '' })).status).toBe(403);
    }
  });

  test('reaches a replica by its id, with its path and query, and keeps the token to itself', async () => {
    const { status, headers, body } = await ask(adminPort, replica('/healthz?deep=1'), {
      [ADMIN_TOKEN_HEADER]: TOKEN,
    });
    expect(status).toBe(200);
    expect(body).toMatch(/^A \/healthz\?deep=1 /);
    expect(body).not.toContain(TOKEN);
    expect(headers['x-swiftdeploy-upstream-status']).toBe('200');
  });

  test('tells an error of the replica from one of the proxy', async () => {
    const own = await ask(adminPort, replica('/own-503'), { [ADMIN_TOKEN_HEADER]: TOKEN });
    expect([own.status, own.headers['x-swiftdeploy-upstream-status']]).toEqual([503, '503']);
    const gone = await ask(adminPort, '/replica/abcdef012345/3000/', { [ADMIN_TOKEN_HEADER]: TOKEN });
    expect(gone.status).toBe(502);
    expect(gone.headers['x-swiftdeploy-upstream-status']).not.toBe('502');
  });

  test.each([
    '/replica/localhost/8081/config',
    '/replica/127.0.0.1/8081/config',
    '/replica/169.254.169.254/80/latest/meta-data',
    '/replica/example.com/80/',
    '/replica/abcdef01234/3000/',
    '/replica/abcdef0123456/3000/',
    '/replica/ABCDEF012345/3000/',
    '/replica/abcdef012345@example.com/80/',
    '/replica/abcdef012345/123456/',
    '/replica/abcdef012345/80.example.com/',
    '/replica/abcdef012345/',
    '/anything',
  ])('reaches nothing else: %s', async (path) => {
    expect((await ask(adminPort, path, { [ADMIN_TOKEN_HEADER]: TOKEN })).status).toBe(404);
  });

  test('tells which server an upstream chose, and that it has none while its names are unknown', async () => {
    const nobody = { container: a.container, servers: [{ address: 'abcdef012345', port: 3000 }] };
    const next = model([
      route('both', { path: '/' }, [...a.servers, ...b.servers]),
      route('gone', { path: '/gone' }, nobody.servers),
    ]);
    await serve(proxy, next);
    const admin = { port: adminPort, token: TOKEN };
    const ask = () => chosenServer(admin, 'both_stable', '/');
    const chosen = new Set(await Promise.all([ask(), ask(), ask(), ask()]));
    expect([...chosen].map((address) => /^\d+\.\d+\.\d+\.\d+:3000$/.test(address ?? ''))).toEqual([
      true,
      true,
    ]);
    expect(await chosenServer(admin, 'gone_stable', '/')).toBeUndefined();
    expect(await resolved(adminPort, next, [a, b])).toBe(true);
    expect(await resolved(adminPort, next, [a, b, nobody])).toBe(false);
  });

  test('is not on the public port', async () => {
    await serve(proxy, model([]));
    expect((await ask(publicPort, '/config', { [ADMIN_TOKEN_HEADER]: TOKEN })).status).toBe(404);
  });
});
