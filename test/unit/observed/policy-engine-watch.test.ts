/** Which policy engines are taken for one that decides: real servers, each on its own port. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { PolicyEngineWatch } from '../../../src/reconcilers/observed/policy-engine-watch.js';
import type { ObservedContainer } from '../../../src/reconcilers/observed/world.js';
import { tokenDigest } from '../../../src/reconcilers/policy/authz-policy.js';
import { believedEngines } from '../../../src/reconcilers/policy/believed-engine.js';
import { proofOf } from '../../../src/reconcilers/policy/engine-proof.js';
import { instanceToken } from '../../../src/reconcilers/policy/instance-token.js';
import { policySetOf } from '../../../src/reconcilers/policy/policy-set.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack } from '../../support/model/stacks.js';

const KEY = 'right';
const ID = 'opa';
const SET = policySetOf([{ path: 'x/x.rego', content: Buffer.from('package swiftdeploy.x\n') }]);
const servers: ReturnType<typeof createServer>[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serving(handler: RequestListener): Promise<number> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const provenance = (revision: string) => ({ bundles: { '/bundle': { revision } } });

/** Believes whoever asks, and says what its label says. */
const impostor: RequestListener = (_request, response) =>
  response.end(
    JSON.stringify({ result: { allow: true, reasons: [] }, provenance: provenance(SET.revision) }),
  );

/** As OPA answers: health for anybody, its proof and provenance for who has the token of this container. */
function opa(
  revision: string,
  { asked = [], id = ID }: { asked?: string[]; id?: string } = {},
): RequestListener {
  return (request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/health') return void response.end('{}');
    if (request.headers.authorization !== `Bearer ${instanceToken(KEY, id)}`)
      return void response.writeHead(401).end('{}');
    void json(request).then((body) => {
      const { nonce } = (body as { input: { nonce: string } }).input;
      const result = proofOf(tokenDigest(instanceToken(KEY, id)), nonce);
      response.end(JSON.stringify({ result, provenance: provenance(revision) }));
    });
  };
}

/** The policy engine of a settled stack, at this port and of this revision. */
function engineAt(port: number, change: Partial<ObservedContainer> = {}): ObservedContainer {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  const engine = loop.world.containers.find(({ role }) => role === 'policy');
  if (engine === undefined) throw new Error('no policy engine');
  const labels = { ...engine.config.labels, 'swiftdeploy.policy-revision': SET.revision };
  const ports = [{ container: 8181, hostAddress: '127.0.0.1', host: port }];
  return { ...engine, id: ID, config: { ...engine.config, labels }, ports, ...change };
}

function watch(key = KEY, kept = true): PolicyEngineWatch {
  return new PolicyEngineWatch(believedEngines(key, { find: () => Promise.resolve(kept ? SET : undefined) }));
}

async function isReady(of: PolicyEngineWatch, engine: ObservedContainer): Promise<boolean | undefined> {
  return (await of.look([engine])).get(engine.id)?.ready;
}

test('one that answers by its revision decides', async () => {
  const engine = engineAt(await serving(opa(SET.revision)));
  expect(await watch().look([engine])).toEqual(new Map([[engine.id, { ready: true }]]));
});

test.each([
  ['refuses our token', () => watch('wrong'), opa(SET.revision)],
  ['listens to the token of another engine', () => watch(), opa(SET.revision, { id: 'another' })],
  ['decides by other policies than it was made of', () => watch(), opa('f'.repeat(64))],
  ['has policies that nobody knows to have passed', () => watch(KEY, false), opa(SET.revision)],
  ['accepts any token, and says the revision', () => watch(), impostor],
  [
    'answers garbage',
    () => watch(),
    (_: unknown, response: { end: (text: string) => unknown }) => void response.end('hello'),
  ],
])('one that %s does not, and is silent', async (_name, made, handler) => {
  const engine = engineAt(await serving(handler as RequestListener));
  const found = (await made().look([engine])).get(engine.id);
  expect(found).toMatchObject({ ready: false });
  expect(found?.silentSince).toBeGreaterThan(0);
});

test('nobody at the port', async () => {
  expect(await isReady(watch(), engineAt(1))).toBe(false);
});

test('who was believed is only asked for health, until it is started again', async () => {
  const asked: string[] = [];
  const engine = engineAt(await serving(opa(SET.revision, { asked })), { startedAt: 1 });
  const same = watch();
  for (const startedAt of [1, 1, 2]) expect(await isReady(same, { ...engine, startedAt })).toBe(true);
  expect(asked.map((url) => url.replace(/\?.*/, ''))).toEqual([
    '/v1/data/system/proof/decision',
    '/health',
    '/v1/data/system/proof/decision',
  ]);
});

test('one that does not run is not asked', async () => {
  expect((await watch().look([engineAt(1, { state: 'exited' })])).size).toBe(0);
});

test('a clock that is set back makes no silence shorter than it is', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 7_200_000 });
  onTestFinished(() => void vi.useRealTimers());
  const same = watch();
  const silentSince = async () => (await same.look([engineAt(1)])).get(ID)?.silentSince;
  expect(await silentSince()).toBe(7_200_000);
  vi.setSystemTime(3_600_000);
  expect(await silentSince()).toBe(3_600_000);
  vi.setSystemTime(3_605_000);
  expect(await silentSince()).toBe(3_600_000);
});
