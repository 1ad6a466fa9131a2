import { describe, expect, test } from 'vitest';
import { otherChanges, whyNot } from '../../../src/cli/promote/sense.js';
import { attemptHash } from '../../../src/reconcilers/desired/spec-hash.js';
import type { Mode, StackSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import type { StackMemory } from '../../../src/reconcilers/plan/memory.js';
import { stackOf } from '../desired/manifest-text.js';

const BASE = `services:
  app: { image: app, port: 3000, route: { path: / }, version: "1" }
  worker: { image: worker, health: false }
nginx: { image: nginx, port: 8080 }
network: { name: net }
`;

function deployed(stack: StackSpec): StackMemory {
  return {
    services: Object.fromEntries(stack.services.map((spec) => [spec.name, { stable: spec }])),
    applied: [],
  };
}

const nothing: StackMemory = { services: {}, applied: [] };

describe('a promotion is refused', () => {
  const why = (service: string, mode: Mode, memory: StackMemory, text = BASE) =>
    whyNot(stackOf(text), { service, mode }, memory);

  test('where there is nothing that a canary could stand beside', () => {
    expect(why('app', 'canary', nothing)).toBe(
      'app was never deployed from here, and a canary needs a stable version beside it: "swiftdeploy deploy" first',
    );
  });

  test('where nobody could be sent to the canary', () => {
    expect(why('worker', 'canary', deployed(stackOf(BASE)))).toContain('worker has no route');
  });

  describe('of what has failed', () => {
    const [stable] = stackOf(BASE).services;
    const next = BASE.replace('version: "1"', 'version: "2"');
    const spec = stackOf(next).services.find(({ name }) => name === 'app');
    const failed = { attempt: spec && attemptHash(spec), message: 'app 2: 55 of 61 requests failed' };
    const memory = { services: { app: { stable, failed } }, applied: [] } as unknown as StackMemory;
    const refusal =
      'app 2: 55 of 61 requests failed; what failed is not tried again as it is: another version, or "swiftdeploy rollout retry"';

    test.each<[Mode, Mode]>([
      ['canary', 'stable'],
      ['stable', 'canary'],
      ['canary', 'canary'],
      ['stable', 'stable'],
    ])('from %s to %s', (from, to) => {
      const text = next.replace('version: "2"', `version: "2", mode: ${from}`);
      expect(why('app', to, memory, text)).toBe(refusal);
    });

    test('but not back to the stable version, of which a canary failed', () => {
      const again = { services: { app: { stable: spec, failed } }, applied: [] } as unknown as StackMemory;
      const text = next.replace('version: "2"', 'version: "2", mode: canary');
      expect(why('app', 'stable', again, text)).toBeUndefined();
      expect(why('app', 'canary', again, text)).toBe(refusal);
    });

    test('and not of another version', () => expect(why('app', 'canary', memory)).toBeUndefined());
  });

  test('and nowhere else', () => {
    const canary = BASE.replace('version: "1"', 'version: "1", mode: canary');
    expect(why('app', 'canary', deployed(stackOf(BASE)))).toBeUndefined();
    expect(why('app', 'stable', nothing, canary)).toBeUndefined();
    expect(why('app', 'canary', nothing, canary)).toBeUndefined();
    const { services } = stackOf(BASE);
    const onlyCanary = { services: { app: { canary: services[0] } }, applied: [] } as StackMemory;
    expect(why('app', 'canary', onlyCanary)).toBeUndefined();
  });
});

describe('what else would be deployed', () => {
  const others = (from: string, to: string, mode: Mode = 'canary') =>
    otherChanges(stackOf(BASE), stackOf(BASE.replace(from, to)), { service: 'app', mode });

  test.each([
    ['nothing', 'net', 'net', []],
    ['the mode alone', 'version: "1"', 'version: "1", mode: canary', []],
    ["the canary's own new version", 'version: "1"', 'version: "2"', []],
    ['nginx', '8080', '8081', ['nginx']],
    ['who is to be asked', 'network:', 'contact: me@example.com\nnetwork:', ['contact']],
    ['another service', 'image: worker', 'image: other', ['service worker']],
    ['a new service', 'nginx:', '  more: { image: more, health: false }\nnginx:', ['service more']],
    ['a service that goes', /\n {2}worker.*/, '', ['service worker']],
  ])('%s', (_name, from, to, expected) => {
    const next = stackOf(BASE.replace(from, to));
    expect(otherChanges(stackOf(BASE), next, { service: 'app', mode: 'canary' })).toEqual(expected);
  });

  test('is a version that was no canary, where stable is asked for', () => {
    expect(others('version: "1"', 'version: "2"', 'stable')).toEqual(['service app']);
  });

  test('is found in what was read back from a file, too', () => {
    const kept = JSON.parse(JSON.stringify(stackOf(BASE))) as StackSpec;
    expect(otherChanges(kept, stackOf(BASE), { service: 'app', mode: 'stable' })).toEqual([]);
  });
});
