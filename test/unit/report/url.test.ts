/** `url` says where the stack is, never where it would like to be. */
import { expect, test } from 'vitest';
import type { ObservedContainer } from '../../../src/reconcilers/observed/world.js';
import { urlOf } from '../../../src/reconcilers/report/status-of.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack } from '../../support/model/stacks.js';

function urlWhere(change: Partial<ObservedContainer>): string | undefined {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  const proxy = loop.world.containers.find(({ role }) => role === 'proxy');
  loop.world.change(proxy?.id ?? '', change);
  return urlOf(loop.world.observe(loop.stack)).url;
}

const PORTS = [
  { container: 8081, hostAddress: '127.0.0.1', host: 49_153 },
  { container: 8080, hostAddress: '0.0.0.0', host: 9090 },
];

test('it is the port that the proxy has, whatever the manifest wishes for', () =>
  expect(urlWhere({ ports: PORTS })).toBe('http://127.0.0.1:9090'));

test.each<[string, Partial<ObservedContainer>]>([
  ['does not run', { ports: PORTS, state: 'created' }],
  ['is published nowhere', { ports: [] }],
])('there is none where the proxy %s', (_what, change) => expect(urlWhere(change)).toBeUndefined());

test('there is none before anybody looked', () => expect(urlOf(undefined)).toEqual({}));
