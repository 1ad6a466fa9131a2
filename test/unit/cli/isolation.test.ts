/** The proof of isolation: from where, on which ways, and what counts as giving something away. */
import { describe, expect, test } from 'vitest';
import { judgeIsolation } from '../../../src/cli/doctor/isolation/judge-isolation.js';
import { probeFiles, readProbe } from '../../../src/cli/doctor/isolation/probe-program.js';
import {
  isBreach,
  probeRequests,
  type ProbeRequest,
  type Said,
  type Way,
} from '../../../src/cli/doctor/isolation/requests.js';
import { viewsOf } from '../../../src/cli/doctor/isolation/views.js';
import type { ObservedContainer, PublishedPort } from '../../../src/reconcilers/observed/world.js';

const DIRECT: Way = { kind: 'direct', words: 'by its address', url: 'http://10.0.0.2:8181' };
const PUBLIC: Way = { kind: 'public', words: 'through nginx', url: 'http://10.0.1.1:8080' };
const REQUESTS = probeRequests('infrastructure');
const REFUSED = '{"code":"unauthorized","message":"request rejected by administrative policy"}';

function asked(method: string, path: string): ProbeRequest {
  const found = REQUESTS.find((request) => request.method === method && request.path.startsWith(path));
  if (found === undefined) throw new Error(`nobody asks ${method} ${path}`);
  return found;
}

function said(way: Way, status: number, body = '', request = asked('GET', '/v1/policies')): Said {
  return { way, request, status, body };
}

test('each request is sent without a token and with a guessed one: reads, writes, a decision', () => {
  const methods = new Set(REQUESTS.map(({ method }) => method));
  expect(methods).toEqual(new Set(['GET', 'POST', 'PUT', 'DELETE', 'PATCH']));
  for (const request of REQUESTS)
    expect(
      REQUESTS.filter(({ method, path }) => method === request.method && path === request.path),
    ).toMatchObject([{ token: 'none' }, { token: 'guessed' }]);
});

describe('what counts as a breach', () => {
  const decide = asked('POST', '/v1/data/swiftdeploy');
  test.each([
    ['OPA that cannot be reached', said(DIRECT, 0), false],
    ['OPA that refuses', said(DIRECT, 401, REFUSED), false],
    ['OPA that answers', said(DIRECT, 200, '{"result":[]}'), true],
    ['OPA that looked, and found nothing to delete', said(DIRECT, 404), true],
    ["an application's own 404", said(PUBLIC, 404, '{"error":"not found"}'), false],
    ["an application's own API of that name", said(PUBLIC, 200, '{"result":{"rows":[]}}'), false],
    ['an application that answers no JSON', said(PUBLIC, 200, '<html>'), false],
    ['OPA behind nginx, though it refuses', said(PUBLIC, 401, REFUSED), true],
    ['policies through nginx', said(PUBLIC, 200, '{"result":[{"id":"x","raw":"package x"}]}'), true],
    [
      'data through nginx',
      said(PUBLIC, 200, '{"result":{"swiftdeploy":{}}}', asked('GET', '/v1/data')),
      true,
    ],
    ['a decision through nginx', said(PUBLIC, 200, '{"result":{"allow":true}}', decide), true],
  ])('%s', (_name, answer, expected) => {
    expect(isBreach(answer)).toBe(expected);
  });
});

function container(
  role: ObservedContainer['role'],
  name: string,
  {
    service,
    networks = {},
    ports = [],
    state = 'running',
  }: {
    service?: string;
    networks?: Readonly<Record<string, readonly [address: string, gateway: string]>>;
    ports?: readonly PublishedPort[];
    state?: ObservedContainer['state'];
  },
): ObservedContainer {
  const endpoints = Object.entries(networks).map(
    ([network, [address, gateway]]) =>
      [network, { networkId: network, aliases: [], address, gateway }] as const,
  );
  const facts = { id: `${name}-id`, name, role, state, networks: new Map(endpoints), ports };
  return { ...facts, ...(service === undefined ? {} : { service }) } as unknown as ObservedContainer;
}

const APP = { app: ['10.0.1.3', '10.0.1.1'] } as const;
const PARTS = [
  container('policy', 's-policy', {
    networks: { policy: ['10.0.0.2', '10.0.0.1'] },
    ports: [{ container: 8181, hostAddress: '127.0.0.1', host: 18181 }],
  }),
  container('proxy', 's-proxy', {
    networks: { app: ['10.0.1.2', '10.0.1.1'] },
    ports: [
      { container: 8080, hostAddress: '0.0.0.0', host: 80 },
      { container: 8080, hostAddress: '::', host: 80 },
      { container: 8081, hostAddress: '127.0.0.1', host: 32_000 },
    ],
  }),
  container('service', 's-app-1', { service: 'app', networks: APP }),
  container('service', 's-app-2', { service: 'app', networks: APP }),
  container('service', 's-old', { service: 'old', networks: APP, state: 'exited' }),
];
const AROUND = { otherNetwork: 's-isolation', hostAddresses: ['127.0.0.1', '192.168.0.9'] };

describe('from where and how', () => {
  test('one replica of each set of networks, nginx, another network, this machine', () => {
    const lines = viewsOf(PARTS, AROUND).map(
      ({ name, network, ways }) =>
        `${name} (${network ?? 'here'}): ${ways.map(({ url }) => url.slice(7)).join(' ')}`,
    );
    expect(lines).toMatchInlineSnapshot(`
      [
        "app (container:s-app-2-id): s-policy:8181 10.0.0.2:8181 10.0.0.1:18181 10.0.1.1:18181 host.docker.internal:18181 s-proxy:8080 10.0.1.1:80",
        "nginx (container:s-proxy-id): s-policy:8181 10.0.0.2:8181 10.0.0.1:18181 10.0.1.1:18181 host.docker.internal:18181 s-proxy:8080 10.0.1.1:80",
        "another network (s-isolation): s-policy:8181 10.0.0.2:8181 10.0.0.1:18181 host.docker.internal:18181 10.0.0.1:80",
        "this machine (here): 127.0.0.1:18181 192.168.0.9:18181 10.0.0.2:8181 127.0.0.1:80",
      ]
    `);
  });

  test('a replica with a network more is one more place', () => {
    const more = container('service', 's-b-1', {
      service: 'b',
      networks: { ...APP, x: ['10.9.0.2', '10.9.0.1'] },
    });
    const names = viewsOf([...PARTS, more], AROUND).map(({ name }) => name);
    expect(names).toEqual(['app', 'b', 'nginx', 'another network', 'this machine']);
  });

  test('an engine elsewhere has no "this machine", and without a policy engine there is nothing to look for', () => {
    expect(viewsOf(PARTS, { ...AROUND, hostAddresses: [] }).map(({ name }) => name)).not.toContain(
      'this machine',
    );
    expect(viewsOf(PARTS.slice(1), AROUND)).toEqual([]);
  });
});

describe('the finding', () => {
  test('all refused or not reached', () => {
    const seen = [
      { name: 'app', said: [said(DIRECT, 0), said(PUBLIC, 404)] },
      { name: 'this machine', said: [said({ ...DIRECT }, 401, REFUSED)] },
    ];
    expect(judgeIsolation(seen)).toMatchObject({
      result: 'ok',
      found: expect.stringContaining('3 requests on 3 ways, from app, this machine') as string,
      items: [
        { found: 'from app: by its address: not reachable; through nginx: only what is public' },
        { found: 'from this machine: by its address: reachable, and refuses everything' },
      ],
    });
  });

  test('one answer is a failure that names place, way and request', () => {
    const seen = [{ name: 'app', said: [said(DIRECT, 401), said(DIRECT, 200), said(PUBLIC, 404)] }];
    expect(judgeIsolation(seen)).toMatchObject({
      result: 'fail',
      items: [
        {
          result: 'fail',
          found:
            'from app, by its address (http://10.0.0.2:8181): GET /v1/policies without a token was answered 200',
        },
      ],
    });
  });

  test('a place that could not be looked from is said, and is no proof', () => {
    expect(judgeIsolation([{ name: 'app', said: 'no such container' }])).toMatchObject({
      result: 'skipped',
      items: [{ found: 'not checked: from app: no such container' }],
    });
  });
});

describe('the probe', () => {
  test('is given no token but a guessed one', () => {
    const [, input] = probeFiles([DIRECT], REQUESTS, 'a-guess');
    const { requests } = JSON.parse(String(input?.content)) as {
      requests: readonly { headers: { authorization?: string } }[];
    };
    const tokens = new Set(requests.map(({ headers }) => headers.authorization));
    expect(tokens).toEqual(new Set([undefined, 'Bearer a-guess']));
  });

  const printed = (value: unknown) => JSON.stringify({ result: [{ expressions: [{ value }] }] });

  test('what it prints is read back', () => {
    const output = printed([{ way: 0, request: 1, status: 401, body: 'x' }]);
    expect(readProbe(output, [DIRECT], REQUESTS)).toEqual([
      { way: DIRECT, request: REQUESTS[1], status: 401, body: 'x' },
    ]);
  });

  test.each([
    ['an error', 'unable to open'],
    ['nothing', ''],
    ['undefined', '{}'],
    ['too few answers', printed([])],
    ['an unknown way', printed([{ way: 7, request: 0, status: 0, body: '' }])],
  ])('%s is no proof', (_name, output) => {
    expect(readProbe(output, [DIRECT], REQUESTS)).toBeUndefined();
  });
});
