/** What a look sees where no controller tells. */
import { expect, test } from 'vitest';
import type { ConditionType } from '../../../src/controller/conditions.js';
import { asSeen, type SeenContainer } from '../../../src/cli/status/as-seen.js';
import { isReady } from '../../../src/cli/status/state-words.js';
import type { StatusDocument } from '../../../src/cli/status/status-document.js';

const BEFORE = '2026-05-05T20:00:00.000Z';
const NOW = new Date('2026-05-05T21:00:00.000Z');

function condition(type: ConditionType, message = 'as it should be') {
  return {
    type,
    status: 'True',
    reason: 'Fine',
    message,
    observedGeneration: 3,
    lastTransitionTime: BEFORE,
  } as const;
}

const STATUS: StatusDocument = {
  stack: 'shop',
  generation: 3,
  observedGeneration: 3,
  manifest: { path: '/srv/manifest.yaml' },
  conditions: (['Ready', 'PolicyReady', 'InSync', 'Available'] as const).map((type) => condition(type)),
  services: [
    {
      name: 'app',
      mode: 'stable',
      tracks: [
        { track: 'stable', version: '1', specHash: 'h', weight: 100, replicas: { desired: 2, ready: 2 } },
      ],
    },
  ],
  policies: [],
};

const PROXY: SeenContainer = { id: 'a', name: 'shop-proxy', role: 'proxy', state: 'running' };
const POLICY: SeenContainer = { id: 'b', name: 'shop-policy', role: 'policy', state: 'running' };

function replica(name: string, state: SeenContainer['state'] = 'running'): SeenContainer {
  return { id: name, name, role: 'service', service: 'app', track: 'stable', specHash: 'h', state };
}

const ALL = [PROXY, POLICY, replica('app-1'), replica('app-2')];

function wrong(containers: readonly SeenContainer[]): Record<string, string> {
  const { conditions } = asSeen(STATUS, containers, NOW);
  const found = conditions.filter(({ status }) => status === 'False');
  return Object.fromEntries(found.map(({ type, reason, message }) => [type, `${reason}: ${message}`]));
}

test('where all runs, the status stays what it is', () => {
  expect(asSeen(STATUS, ALL, NOW)).toBe(STATUS);
});

test('a stopped replica is seen, and told in readiness, conditions and their time', () => {
  const seen = asSeen(STATUS, [PROXY, POLICY, replica('app-1'), replica('app-2', 'exited')], NOW);
  expect(isReady(seen.conditions)).toBe(false);
  expect(seen.services[0]?.tracks[0]?.replicas).toEqual({ desired: 2, ready: 1 });
  expect(seen.conditions[0]).toMatchObject({
    reason: 'Drift',
    message: 'app: 1 of 2 replicas of 1 (stable) run (app-2 is exited); no controller runs that heals it',
    lastTransitionTime: NOW.toISOString(),
  });
  expect(seen.conditions[3]).toBe(STATUS.conditions[3]);
});

test('all replicas, the proxy and the policy engine are missed when they are gone', () => {
  expect(wrong([])).toEqual({
    Ready: `Drift: ${GONE}; no controller runs that heals it`,
    PolicyReady: 'NotAnswering: the policy engine does not run',
    InSync: `Drift: ${GONE}`,
    Available: 'NoReadyReplica: no ready replica: app',
  });
});

const GONE =
  'the proxy does not run (its container is gone); the policy engine does not run (its container is gone); app: 0 of 2 replicas of 1 (stable) run (its container is gone)';

test('without a proxy nothing is available', () => {
  expect(wrong([{ ...PROXY, state: 'paused' }, ...ALL.slice(1)])).toMatchObject({
    InSync: 'Drift: the proxy does not run (shop-proxy is paused)',
    Available: 'ProxyNotServing: the proxy does not run',
  });
});

test('what was wrong before keeps its words, and what was never up is not missed', () => {
  const stalled = { ...condition('Ready', 'denied'), status: 'False' } as const;
  const seen = asSeen({ ...STATUS, conditions: [stalled] }, ALL.slice(0, 2), NOW);
  expect(seen.conditions).toEqual([stalled]);
  const empty = { ...STATUS, services: [] };
  expect(asSeen(empty, [], NOW)).toBe(empty);
});

test('a container that is set aside stands in for nobody', () => {
  const aside: SeenContainer = { ...PROXY, id: 'abcdef123', name: 'shop-proxy-old-abcdef' };
  expect(wrong([aside, ...ALL.slice(1)])).toHaveProperty('Available');
});
