/** Images and ports, against an engine that has what a row says. */
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { lookAtImages } from '../../../src/cli/checks/image-check.js';
import { lookAtPort, type PortWish } from '../../../src/cli/checks/port-check.js';
import type { PullPolicy } from '../../../src/reconcilers/desired/stack-spec.js';
import type { PortHolder, RegistryAnswer } from '../../../src/reconcilers/docker/engine.js';
import { freePort } from '../../support/free-port.js';

describe('an image', () => {
  const NEVER = new AbortController().signal;
  const SILENT: RegistryAnswer = { kind: 'unreachable', why: 'no such host' };

  function look(image: { here: boolean; pull: PullPolicy; answer: RegistryAnswer }) {
    const engine = {
      imageOrigin: () => Promise.resolve(image.here ? { labels: {}, fromRegistry: true } : undefined),
      askRegistry: () => Promise.resolve(image.answer),
    };
    return lookAtImages(engine, [{ wantedBy: 'app', reference: 'app:1', pull: image.pull }], NEVER);
  }

  test.each<[boolean, PullPolicy, RegistryAnswer, string, string]>([
    [true, 'missing', SILENT, 'ok', 'app:1 is here'],
    [true, 'never', SILENT, 'ok', 'app:1 is here'],
    [true, 'always', { kind: 'has it' }, 'ok', 'app:1 will be pulled'],
    [
      true,
      'always',
      SILENT,
      'fail',
      'app: app:1 is on the engine, but pull is always and its registry cannot be asked: no such host',
    ],
    [false, 'missing', { kind: 'has it' }, 'ok', 'app:1 will be pulled'],
    [
      false,
      'missing',
      { kind: 'refuses', why: 'denied' },
      'fail',
      'app: app:1 is not on the engine, and its registry refuses it: denied',
    ],
    [
      false,
      'missing',
      SILENT,
      'fail',
      'app: app:1 is not on the engine, and its registry cannot be asked: no such host',
    ],
    [false, 'never', { kind: 'has it' }, 'fail', 'app: app:1 is not on the engine, and pull is never'],
  ])('on the engine: %s, pull %s, the registry: %j → %s', async (here, pull, answer, result, found) => {
    expect((await look({ here, pull, answer })).items).toMatchObject([{ result, found }]);
  });

  const DIGEST = `sha256:${'a'.repeat(64)}`;

  test.each<[string, PullPolicy, string]>([
    [
      'app:1',
      'missing',
      "correct the name, see the engine's network, proxy and mirror settings, or build it (docker build -t app:1 DIRECTORY), or load it (docker load -i FILE)",
    ],
    [
      `r.io/app@${DIGEST}`,
      'missing',
      `correct the name, see the engine's network, proxy and mirror settings, or pull it from a registry that has it (docker pull r.io/app@${DIGEST}), or name a tag, which can be built or loaded`,
    ],
    [
      `app:1@${DIGEST}`,
      'never',
      `pull it from a registry that has it (docker pull app:1@${DIGEST}), or name a tag, which can be built or loaded, or remove "pull: never"`,
    ],
    [
      DIGEST,
      'missing',
      "correct the name, see the engine's network, proxy and mirror settings, or load it (docker load -i FILE), or name a tag: no registry gives an image by its ID",
    ],
    [DIGEST, 'never', 'load it (docker load -i FILE), or name a tag: no registry gives an image by its ID'],
  ])('%s that is not there, pull %s: the cure can work', async (reference, pull, cure) => {
    const engine = {
      imageOrigin: () => Promise.resolve(undefined),
      askRegistry: () => Promise.resolve(SILENT),
    };
    const { items } = await lookAtImages(engine, [{ wantedBy: 'app', reference, pull }], NEVER);
    expect(items?.map((item) => item.cure)).toEqual([cure]);
  });

  test('that several services share is looked at once', async () => {
    const engine = {
      imageOrigin: () => Promise.resolve(undefined),
      askRegistry: () => Promise.resolve(SILENT),
    };
    const wanted = ['api', 'worker'].map((wantedBy) => ({
      wantedBy,
      reference: 'x:1',
      pull: 'missing' as const,
    }));
    const { found, items } = await lookAtImages(engine, wanted, NEVER);
    expect(found).toBe('1 of 1 cannot be had');
    expect(items?.[0]?.found).toMatch(/^api, worker: x:1 is not on the engine/);
  });
});

describe('a port', () => {
  const WISH = { address: '127.0.0.1', role: 'policy', key: 'opa.port', stack: 'mine' } as const;

  async function look(
    holder: Partial<PortHolder>,
    wish: Partial<PortWish> = {},
    { isLocal } = { isLocal: true },
  ) {
    const port = await freePort();
    const held = { port, hostAddress: '0.0.0.0', container: 'c', image: 'i:1', ...holder };
    const engine = { listPublished: () => Promise.resolve([held]) };
    const finding = await lookAtPort({ engine, isLocal }, { ...WISH, port, ...wish });
    return { ...finding, found: finding.found.replace(String(port), 'PORT') };
  }

  test.each<[Partial<PortHolder>, string, string]>([
    [{ stack: 'mine', role: 'policy' }, 'ok', "port PORT is held by this stack's own policy engine"],
    [{ stack: 'mine', role: 'proxy' }, 'warn', 'port PORT is held by c of this stack, until that moves'],
    [{ stack: 'other', role: 'policy' }, 'fail', 'port PORT is held by container c (of stack other)'],
    [{}, 'fail', 'port PORT is held by container c (image i:1)'],
    [{ hostAddress: '127.0.0.1' }, 'fail', 'port PORT is held by container c (image i:1)'],
    [{ hostAddress: '192.0.2.7' }, 'ok', 'port PORT is free'],
    [{ port: 1 }, 'ok', 'port PORT is free'],
  ])('on 127.0.0.1 that %j has: %s', async (holder, result, found) => {
    expect(await look(holder)).toMatchObject({ result, found });
  });

  test('on every address clashes with one that a container has on a single one', async () => {
    expect(await look({ hostAddress: '192.0.2.7' }, { address: '0.0.0.0' })).toMatchObject({
      result: 'fail',
    });
  });

  test('of an engine elsewhere: only containers can be seen', async () => {
    const { result, found } = await look({ port: 1 }, {}, { isLocal: false });
    expect([result, found]).toEqual(['ok', expect.stringContaining('cannot be seen from here')]);
  });

  test('that a process has: which one, and a port that is free', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { result, found, cure } = await look({ port: 1 }, { port });
    server.close();
    expect(result).toBe('fail');
    expect(found).toMatch(/is held by (process \d+ \(|a process of another user)/);
    expect(cure).toMatch(/write another opa\.port in the manifest/);
  });
});
