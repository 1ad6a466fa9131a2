/** The Compose file from manifests of every shape: names that clash, values that Compose would interpret, users, volumes. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadManifest } from '../../../src/reconcilers/desired/load-manifest.js';
import type { StackSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import { composeFile } from '../../../src/reconcilers/render/compose-file.js';
import { stackFiles } from '../../../src/reconcilers/render/stack-files.js';
import { policySetOf } from '../../../src/reconcilers/policy/policy-set.js';
import { manifestOf, workload } from '../../support/manifest.js';

interface Compose {
  readonly name: string;
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly networks: object;
  readonly volumes?: object;
}

function stackOf(services: Record<string, unknown>, name = 'shop'): StackSpec {
  const manifest = manifestOf(name, { proxy: 8080, opa: 8181 }, services);
  const result = loadManifest(Buffer.from(JSON.stringify(manifest)), 'manifest.yaml');
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.stack;
}

function composed(stack: StackSpec, user?: string): Compose {
  const facts = { id: '', user: user ?? '', env: {}, command: [], entrypoint: [] };
  return parse(composeFile(stack, new Map(user === undefined ? [] : [['a/b', facts]]))) as Compose;
}

describe('a user', () => {
  test.each([
    ['that the manifest names stays', { user: '7:7' }, '8:8', '7:7'],
    ['that the image names stays', {}, '8:8', '8:8'],
    ['that is root becomes ours', {}, 'root', '10001:10001'],
    ['that nobody knows becomes ours', {}, undefined, '10001:10001'],
  ])('%s', (_what, fields, image, user) => {
    const stack = stackOf(workload({ image: 'a/b', ...fields }));
    expect(composed(stack, image).services['app']).toMatchObject({ user });
  });
});

test('what Compose would replace is written so that it does not', () => {
  const stack = stackOf(workload({ env: { COST: '$5 ${X}' }, command: ['echo', '$HOME'] }));
  expect(composed(stack).services['app']).toMatchObject({
    environment: { COST: '$$5 $${X}' },
    command: ['echo', '$$HOME'],
  });
});

test('our parts make room for services and aliases of their names', () => {
  const services = {
    nginx: workload({ route: { path: '/' } }),
    b: workload({ aliases: ['opa', 'swiftdeploy-opa'] }),
  };
  expect(Object.keys(composed(stackOf(services)).services)).toEqual([
    'b',
    'nginx',
    'swiftdeploy-nginx',
    'swiftdeploy-swiftdeploy-opa',
  ]);
});

test('the project has a name that Compose takes; networks keep theirs', () => {
  const { name, networks } = composed(stackOf(workload(), 'My.Shop'));
  expect(name).toBe('my-shop');
  expect(networks).toEqual({
    'My.Shop': { name: 'My.Shop', driver: 'bridge' },
    'My.Shop-policy': { name: 'My.Shop-policy', driver: 'bridge' },
  });
});

test('a stack without volumes has none; one with has each once, by its own name', () => {
  expect(composed(stackOf(workload())).volumes).toBeUndefined();
  const services = {
    a: workload({ volumes: ['data:/a', '/srv:/b:ro'] }),
    b: workload({ volumes: ['data:/a'] }),
  };
  expect(composed(stackOf(services)).volumes).toEqual({ data: { name: 'data' } });
});

test('only the proxy is published, and OPA on the loopback', () => {
  const { services } = composed(stackOf({ a: workload({ route: { path: '/' } }), b: workload() }));
  const published = Object.entries(services).flatMap(([name, { ports }]) =>
    ports === undefined ? [] : [[name, ports]],
  );
  expect(published).toEqual([
    ['nginx', ['8080:8080']],
    ['opa', ['127.0.0.1:8181:8181']],
  ]);
});

test('the order of keys in the manifest changes nothing', () => {
  const one = { a: workload({ env: { X: '1', Y: '2' } }), b: workload() };
  const other = {
    b: workload(),
    a: Object.fromEntries(Object.entries(workload({ env: { Y: '2', X: '1' } })).reverse()),
  };
  const policies = policySetOf([]);
  const files = [one, other].map((services) =>
    stackFiles({ stack: stackOf(services), policies, images: new Map() }),
  );
  expect(files[0]).toEqual(files[1]);
});
