/** A stack that is not wanted any more: an empty wish removes everything but volumes, in the order of a teardown. */
import { describe, expect, test } from 'vitest';
import { planSuspended } from '../../../src/reconcilers/plan/suspended.js';
import { planStack } from '../../../src/reconcilers/plan/plan-stack.js';
import { story } from '../../support/model/describe.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack } from '../../support/model/stacks.js';

function settled(): ModelLoop {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  loop.isRemoved = true;
  return loop;
}

describe('an empty wish', () => {
  test('removes the proxy first, who is asked last, and each only after it was asked', () => {
    const loop = settled();
    const before = loop.ticks.length;
    loop.settle();
    expect(story(loop.ticks.slice(before))).toMatchInlineSnapshot(`
      "1
      - stopContainer shop-proxy: the source has no manifest any more (remove)
        removeContainer shop-proxy: the source has no manifest any more (remove)
      2
      - stopContainer shop-app-stable-f9122c6e-1: the source has no manifest any more (remove)
        removeContainer shop-app-stable-f9122c6e-1: the source has no manifest any more (remove)
      3
      - removeNetwork shop-net: the source has no manifest any more (remove)
      4
      - stopContainer shop-policy-dddddddd: the source has no manifest any more
        removeContainer shop-policy-dddddddd: the source has no manifest any more
      5
      - removeNetwork shop-policy: the source has no manifest any more"
    `);
    expect([loop.world.containers, loop.world.networks]).toEqual([[], []]);
    expect(loop.memory).toEqual({ services: {}, applied: [] });
  });

  test('leaves volumes and what is not the stack’s', () => {
    const loop = settled();
    loop.world.volumes = [{ name: 'shop-data', mine: true }];
    loop.world.networks = [
      ...loop.world.networks,
      { id: 'theirs', name: 'theirs', driver: 'bridge', mine: false },
    ];
    loop.settle();
    expect(loop.world.volumes).toEqual([{ name: 'shop-data', mine: true }]);
    expect(loop.world.networks.map(({ name }) => name)).toEqual(['theirs']);
  });

  test('is converged where nothing is there, and plans nothing again', () => {
    const loop = settled();
    loop.settle();
    const plan = planStack(loop.input());
    expect([plan.chains, plan.converged, plan.wanted]).toEqual([[], true, []]);
  });

  test('a denial keeps what it denies, and the engine of decisions with it', () => {
    const loop = settled();
    loop.allow = ({ question }) => question !== 'remove';
    loop.tick();
    const [chain] = planStack(loop.input()).chains;
    expect(chain?.map(({ kind, target }) => `${kind} ${target}`)).toEqual([
      'stopContainer shop-proxy',
      'removeContainer shop-proxy',
    ]);
    expect(loop.world.containers).toHaveLength(3);
  });

  test('without an engine of decisions it is made first: nothing goes unasked', () => {
    const loop = settled();
    const engine = loop.world.containers.find(({ role }) => role === 'policy');
    loop.world.remove(engine?.id ?? '');
    loop.tick();
    expect(loop.world.containers.map(({ role }) => role).sort()).toEqual(['policy', 'proxy', 'service']);
    loop.settle();
    expect(loop.world.containers).toEqual([]);
  });

  test('policies that are on their way are waited for: they may keep it', () => {
    const loop = settled();
    loop.policy = { ...loop.policy, revision: 'e'.repeat(64), digest: 'e'.repeat(64) };
    const asked: string[] = [];
    loop.allow = ({ question }) => {
      asked.push(`${question} by ${loop.world.find(loop.decider ?? '')?.specHash?.slice(0, 1) ?? ''}`);
      return true;
    };
    loop.settle();
    expect([...new Set(asked)]).toEqual(['remove by e']);
    expect(loop.world.containers).toEqual([]);
  });

  test('whatever was removed before a crash, the rest goes', () => {
    for (let ticks = 0; ticks < 6; ticks += 1) {
      const loop = settled();
      for (let tick = 0; tick < ticks; tick += 1) loop.tick();
      loop.memory = { services: {}, applied: [] };
      loop.settle();
      expect([loop.world.containers, loop.world.networks]).toEqual([[], []]);
    }
  });

  test('a manifest that comes back is deployed', () => {
    const loop = settled();
    loop.settle();
    loop.isRemoved = false;
    loop.settle();
    expect(loop.world.containers.map(({ role }) => role).sort()).toEqual(['policy', 'proxy', 'service']);
  });

  test('one suspended service holds all of it', () => {
    const loop = settled();
    const plan = planSuspended(loop.input(), [
      { by: 'person', service: 'app', since: '2026-05-05T20:00:00.000Z' },
    ]);
    expect(plan.suspension?.withheld).toEqual(plan.chains);
    expect(plan.suspension?.isAllThatIsLeft).toBe(true);
  });
});
