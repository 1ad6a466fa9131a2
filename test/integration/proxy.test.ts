/** What the planner's models become in a real nginx: accepted, routed, answered, logged and guarded as designed. */
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { serverAddress, type ServerModel } from '../../src/reconcilers/plan/proxy-model.js';
import { chosenServer } from '../../src/reconcilers/proxy/admin-client.js';
import { ProxyConfigRefused, ProxyControl } from '../../src/reconcilers/proxy/proxy-control.js';
import { CANDIDATE_PATH } from '../../src/reconcilers/proxy/proxy-files.js';
import { ADMIN_TOKEN_HEADER } from '../../src/reconcilers/proxy/render-admin.js';
import { renderConfig, revisionOf } from '../../src/reconcilers/proxy/render.js';
import { acceptingWorkers } from '../../src/reconcilers/proxy/workers.js';
import { model, route, splitRoute } from '../support/model/proxy-models.js';
import { someModel } from '../support/model/some-proxy-model.js';
import { ask, ProxyStage, type Backend } from '../support/proxy-stage.js';
import { until } from '../support/until.js';

const stage = new ProxyStage();
const { engine, token: TOKEN } = stage;
const NO_REPLICAS = { running: new Set<string>(), healthPaths: new Map<string, string>() };
const AUTHORISED = { headers: { [ADMIN_TOKEN_HEADER]: TOKEN } };

async function accessLog(): Promise<string[]> {
  return (await engine.logs(stage.proxy.id, 1000)).filter((line) => line.includes(' | '));
}

function many(count: number): readonly ServerModel[] {
  return Array.from({ length: count }, (_, n) => ({ address: n.toString(16).padStart(12, '0'), port: 3000 }));
}

function placeOf(n: number) {
  return { host: `service-${String(n)}.some-department.example.com`, path: '/' };
}

let a: Backend;
let b: Backend;
let publicPort: number;
let adminPort: number;

beforeAll(async () => {
  await stage.open(model([]));
  [a, b] = await Promise.all([stage.backend('A'), stage.backend('B')]);
  ({ publicPort, adminPort } = stage);
});

afterAll(() => stage.close());

/** To the end of the connection. */
async function rawly(request: string): Promise<string> {
  const socket = connect(publicPort, '127.0.0.1');
  socket.write(request);
  return (await socket.setEncoding('utf8').toArray()).join('');
}

describe('nginx -t', () => {
  test('takes whatever a legal manifest can ask for', async () => {
    await fc.assert(
      fc.asyncProperty(someModel, async (one) => {
        expect(await stage.files.test(stage.proxy.id, renderConfig(one, TOKEN))).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  test('takes the longest name of a service with a canary', async () => {
    const tracks = { stable: a.servers, canary: b.servers, weight: 5, split: { header: 'X-Canary' } };
    const long = splitRoute(`a${'-'.repeat(38)}b`, { path: '/' }, tracks);
    expect(await stage.files.test(stage.proxy.id, renderConfig(model([long]), TOKEN))).toBeUndefined();
  });

  test.each([
    ['the most replicas that a service can have', [route('app', { path: '/' }, many(1000))]],
    [
      'a canary of as many',
      [splitRoute('app', { path: '/' }, { stable: many(1000), canary: many(1000), weight: 5 })],
    ],
    [
      'many services',
      Array.from({ length: 300 }, (_, n) => route(`service-${String(n)}`, placeOf(n), many(3))),
    ],
    [
      'the longest host name',
      [route('app', { host: Array(4).fill('a'.repeat(62)).join('.'), path: '/' }, many(1))],
    ],
  ])('takes %s', async (_what, routes) => {
    for (const resolvesUpstreams of [true, false]) {
      const config = renderConfig(model(routes, { resolvesUpstreams }), TOKEN);
      expect(await stage.files.test(stage.proxy.id, config)).toBeUndefined();
    }
  });

  test('tells services apart that differ in a sign only', async () => {
    const twins = ['a-b', 'a_b', 'a-_b', 'a_2d_b'].map((name) =>
      route(name, { path: `/${name}` }, a.servers),
    );
    for (const resolvesUpstreams of [true, false]) {
      const config = renderConfig(model(twins, { resolvesUpstreams }), TOKEN);
      expect(await stage.files.test(stage.proxy.id, config)).toBeUndefined();
    }
  });
});

describe('what is tested ahead of time', () => {
  const candidate = async () => (await engine.getFile(stage.proxy.id, CANDIDATE_PATH))?.toString('utf8');

  test('is not tested again when only container ids differ, and is when anything else does', async () => {
    const control = new ProxyControl(engine, TOKEN);
    await control.observe(await engine.inspectContainer(stage.proxy.id), NO_REPLICAS);
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

test('routes that are shifted while a reload is on its way are all served, by one more', async () => {
  const names = Array.from({ length: 20 }, (_, n) => `service-${String(n)}`);
  await stage.serve(model(names.map((name) => route(name, { path: `/${name}` }, []))));
  const control = new ProxyControl(engine, TOKEN);
  await control.observe(await engine.inspectContainer(stage.proxy.id), {
    running: new Set(a.servers.map(({ address }) => address)),
    healthPaths: new Map(names.map((name) => [name, '/'])),
  });
  const signals = vi.spyOn(engine, 'signal');
  const shifts = names.map(async (name, index) => {
    await sleep(2 * index);
    await control.shift(route(name, { path: `/${name}` }, a.servers));
  });
  await Promise.all(shifts);
  expect(signals).toHaveBeenCalledTimes(2);
  signals.mockRestore();
  for (const name of names) expect((await ask(publicPort, `/${name}`)).body).toContain('A');
});

test('whoever is told that a route is served meets no worker that knows of nobody there', async () => {
  const served = model([route('one', { path: '/' }, a.servers)], { resolvesUpstreams: false });
  await stage.serve(model([route('one', { path: '/' }, [])], { resolvesUpstreams: false }));
  const control = new ProxyControl(engine, TOKEN);
  await control.observe(await engine.inspectContainer(stage.proxy.id), NO_REPLICAS);
  const old = acceptingWorkers(await engine.processes(stage.proxy.id));
  const signal = (name: NodeJS.Signals) => old.forEach((pid) => process.kill(pid, name));
  let isTold = false;
  // Told to stop accepting, they do not hear it yet.
  signal('SIGSTOP');
  const shift = control.shift(route('one', { path: '/' }, a.servers)).then(() => (isTold = true));
  try {
    await until('new workers serve it', async () => {
      const { body } = await ask(adminPort, '/config', AUTHORISED);
      return body === revisionOf(served);
    });
    await sleep(100);
    expect(isTold).toBe(false);
  } finally {
    signal('SIGCONT');
  }
  await shift;
  const now = acceptingWorkers(await engine.processes(stage.proxy.id));
  expect(now.filter((pid) => old.includes(pid))).toEqual([]);
});

test('a request on a connection that was idle over a reload has as long as any other', async () => {
  const slow = await stage.nodeBackend(
    `const answerMs = ({ url }) => (url === '/slow' ? 1500 : 0);
    const server = require('node:http').createServer((request, answer) => {
      setTimeout(() => answer.end('late'), answerMs(request));
    });
    server.listen(3000);`,
  );
  const routes = [route('one', { path: '/' }, a.servers), route('slow', { path: '/slow' }, slow.servers)];
  const drained = { drainSeconds: 2 };
  await stage.serve(model(routes, drained));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await ask(publicPort, '/', { agent });
  await stage.serve(model(routes, { ...drained, contact: 'others@example.com' }));
  await sleep(1000);
  const { status, headers, body } = await ask(publicPort, '/slow', { agent });
  agent.destroy();
  expect([status, body, headers.connection]).toEqual([200, 'late', 'close']);
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
      route('five', { path: '/docs/' }, b.servers),
      route('six', { path: '/api/slow/' }, a.servers),
    ];
    await stage.serve(model(routes, variant));
  });

  test.each([
    ['/', 'any.example', 'A'],
    ['/index.html?q=1', 'any.example', 'A'],
    ['/api', 'any.example', 'B'],
    ['/api/v2', 'any.example', 'B'],
    ['/apiary', 'any.example', 'B'],
    ['/docs/', 'any.example', 'B'],
    ['/docs', 'any.example', 'A'],
    ['/docs?q=1', 'any.example', 'A'],
    ['/api/slow/', 'any.example', 'A'],
    ['/api/slow', 'any.example', 'B'],
    ['/docs', 'shop.example', 'B'],
    ['/', 'shop.example', 'B'],
    ['/', 'SHOP.example', 'B'],
    ['/', 'www.shop.example', 'A'],
    ['/api', 'shop.example', 'B'],
    ['/api/v2/x', 'shop.example', 'A'],
  ])('%s at %s is %s', async (path, host, name) => {
    const { status, body } = await ask(publicPort, path, { headers: { Host: host } });
    expect([status, body.split(' ').slice(0, 3)]).toEqual([200, [name, path, host]]);
  });

  test('the path goes on as it came, with who asked, and answers say who deployed them', async () => {
    const { headers, body } = await ask(publicPort, '/a%20b//c/../d?x=%2F', {
      headers: { Host: 'any.example' },
    });
    expect(body).toMatch(/^A \/a%20b\/\/c\/\.\.\/d\?x=%2F any\.example \d+\.\d+\.\d+\.\d+ $/);
    expect(headers).toMatchObject({ 'x-deployed-by': 'swiftdeploy', 'x-mode': 'canary' });
    expect(headers.server).toBe('nginx');
  });

  test.each([
    ['GET / HTTP/1.0\r\n\r\n', 'A / localhost'],
    ['GET http://shop.example/ HTTP/1.0\r\n\r\n', 'B / shop.example'],
  ])('a client that sends no Host header: %j', async (request, answer) => {
    expect(await rawly(request)).toContain(answer);
  });

  test('an error of the app stays the app’s', async () => {
    const { status, headers, body } = await ask(publicPort, '/own-503');
    expect([status, body, headers['x-deployed-by']]).toEqual([503, 'the app itself', 'swiftdeploy']);
  });
});

test('a path without the slash that its only route has is nobody’s', async () => {
  await stage.serve(model([route('one', { path: '/docs/' }, a.servers)]));
  const { status, body } = await ask(publicPort, '/docs');
  expect([status, JSON.parse(body)]).toMatchObject([404, { error: 'Not Found', service: '' }]);
  expect((await ask(publicPort, '/docs/')).status).toBe(200);
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
    await stage.serve(model(routes, { timeoutSeconds: 1 }));
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

  test.each<[string, string, number, string]>([
    ['no HTTP', 'nonsense\r\n\r\n', 400, 'Bad Request'],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400, 'Bad Request'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400, 'Bad Request'],
    [
      'too long a header',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
      400,
      'Bad Request',
    ],
    ['too long an address', `GET /${'x'.repeat(40_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414, 'URI Too Long'],
    ['TRACE', 'TRACE / HTTP/1.1\r\nHost: a\r\n\r\n', 405, 'Method Not Allowed'],
  ])('say the same of a request that nginx itself refuses: %s', async (_what, request, code, error) => {
    await stage.serve(model([route('app', { path: '/' }, a.servers)]));
    const answer = await rawly(request);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${String(code)} `));
    expect(head).toMatch(/^Content-Type: application\/json\r?$/m);
    expect(head).toMatch(/^X-Deployed-By: swiftdeploy\r?$/m);
    expect(JSON.parse(body)).toEqual({ error, code, service: '', contact: 'ops@example.com' });
  });

  test('have no address that a client could ask for', async () => {
    await stage.serve(model([route('app', { path: '/' }, a.servers)]));
    expect((await ask(publicPort, '//swiftdeploy_400')).body).not.toContain('Bad Request');
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
    await stage.serve(model([route('none', { path: '/' }, [])], { contact }));
    const { status, body } = await errorOf('/');
    expect(status).toBe(503);
    expect(body).toMatchObject({ code: 503, service: 'none', contact: expect.any(String) as string });
  });

  test('keep a contact of plain words and signs as it is', async () => {
    const contact = 'équipe 支援 <ops@example.com>, +1 (555) 0100; {x}';
    await stage.serve(model([route('none', { path: '/' }, [])], { contact }));
    expect((await errorOf('/')).body).toMatchObject({ contact });
  });
});

describe('the access log', () => {
  test('has exactly the published fields, a line a request, and none of the admin listener', async () => {
    await stage.serve(model([route('one', { path: '/' }, a.servers), route('none', { path: '/none' }, [])]));
    const { length: before } = await accessLog();
    await ask(publicPort, '/logged?q=1');
    await ask(publicPort, '/none');
    await ask(adminPort, '/config', AUTHORISED);
    await until('both are logged', async () => (await accessLog()).length - before >= 2);
    const lines = (await accessLog()).slice(before);
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
      expect((await ask(adminPort, path, { headers: { [ADMIN_TOKEN_HEADER]: `${TOKEN}x` } })).status).toBe(
        403,
      );
      expect((await ask(adminPort, path, { headers: { [ADMIN_TOKEN_HEADER]: '' } })).status).toBe(403);
    }
  });

  test('reaches a replica by its id, with its path and query, and keeps the token to itself', async () => {
    const { status, headers, body } = await ask(adminPort, replica('/healthz?deep=1'), AUTHORISED);
    expect(status).toBe(200);
    expect(body).toMatch(/^A \/healthz\?deep=1 /);
    expect(body).not.toContain(TOKEN);
    expect(headers['x-swiftdeploy-upstream-status']).toBe('200');
  });

  test('asks a replica for the path as it is written', async () => {
    const { body } = await ask(adminPort, replica('/a%20b//c%2Fd?x=%20'), AUTHORISED);
    expect(body.split(' ')[1]).toBe('/a%20b//c%2Fd?x=%20');
  });

  test('tells an error of the replica from one of the proxy', async () => {
    const own = await ask(adminPort, replica('/own-503'), AUTHORISED);
    expect([own.status, own.headers['x-swiftdeploy-upstream-status']]).toEqual([503, '503']);
    const gone = await ask(adminPort, '/replica/abcdef012345/3000/', AUTHORISED);
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
    expect((await ask(adminPort, path, AUTHORISED)).status).toBe(404);
  });

  test('tells which server an upstream chose, and that it has none while its names are unknown', async () => {
    const nobody = { container: a.container, servers: [{ address: 'abcdef012345', port: 3000 }] };
    const next = model([
      route('both', { path: '/' }, [...a.servers, ...b.servers]),
      route('gone', { path: '/gone' }, nobody.servers),
    ]);
    await stage.serve(next);
    const admin = { port: adminPort, token: TOKEN };
    const ask = () => chosenServer(admin, 'both_stable', '/');
    const chosen = new Set(await Promise.all([ask(), ask(), ask(), ask()]));
    expect([...chosen].map((address) => /^\d+\.\d+\.\d+\.\d+:3000$/.test(address ?? ''))).toEqual([
      true,
      true,
    ]);
    expect(await chosenServer(admin, 'gone_stable', '/')).toBeUndefined();
    expect(await stage.resolved(next, [a, b])).toBe(true);
    expect(await stage.resolved(next, [a, b, nobody])).toBe(false);
  });

  test('is not on the public port', async () => {
    await stage.serve(model([]));
    expect((await ask(publicPort, '/config', AUTHORISED)).status).toBe(404);
  });
});
