/** How long a part has said nothing, and since when that counts. */
import { expect, test } from 'vitest';
import type { ObservedPolicyEngine } from '../../../src/reconcilers/observed/world.js';
import { planStack } from '../../../src/reconcilers/plan/plan-stack.js';
import { silence } from '../../../src/reconcilers/plan/plan-infrastructure.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack } from '../../support/model/stacks.js';

test('a part that runs and says nothing hangs after a while', () => {
  expect(silence({ now: 14_000 }, 10_000)).toEqual({});
  expect(silence({ now: 15_000 }, 10_000)).toEqual({ unhealthy: 'it runs and has said nothing for 5 s' });
});

test('what was silent before it was started anew has as long again', () => {
  expect(silence({ now: 22_000 }, 1000, { startedAt: 20_000 })).toEqual({});
  expect(silence({ now: 25_000 }, 1000, { startedAt: 20_000 })).toEqual({
    unhealthy: 'it runs and has said nothing for 5 s',
  });
});

test('what never answered yet is given a minute to start, whoever looks', () => {
  const life = { startedAt: 20_000, hasAnswered: false };
  expect(silence({ now: 79_000 }, 21_000, life)).toEqual({});
  expect(silence({ now: 80_000 }, 21_000, life)).toEqual({
    unhealthy: 'it runs and has said nothing for 59 s',
  });
  expect(silence({ now: 200_000 }, 196_000, life)).toEqual({});
  expect(silence({ now: 201_000 }, 196_000, life)).toEqual({
    unhealthy: 'it runs and has said nothing for 5 s',
  });
});

/** What is planned `afterMs` after the start of a policy engine of which nobody ever heard an answer. */
function stepsBeside(silent: Omit<ObservedPolicyEngine, 'ready'>, afterMs: number): number {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  loop.stack = stack([service({ container: { version: '2.0.0' } })]);
  const { memory, stack: wanted, world, policy } = loop;
  const seen = world.observe(wanted);
  const [engine] = seen.containers.filter(({ role }) => role === 'policy');
  if (engine?.startedAt === undefined) throw new Error('no policy engine runs');
  const policyEngines = new Map([[engine.id, { ready: false, ...silent }]]);
  const now = engine.startedAt + afterMs;
  const input = {
    busy: new Set<string>(),
    failing: new Set<string>(),
    notBefore: new Map<string, number>(),
    verdicts: new Map(),
  };
  const plan = planStack({ ...input, now, stack: wanted, memory, policy, world: { ...seen, policyEngines } });
  return plan.chains.length;
}

test('a policy engine whose first look came late is given its time from then on; nothing is asked of nobody', () => {
  const startedAt = (() => {
    const loop = new ModelLoop(stack([service()]));
    loop.settle();
    return loop.world.containers.find(({ role }) => role === 'policy')?.startedAt ?? 0;
  })();
  expect(stepsBeside({ silentSince: startedAt + 8000 }, 9000)).toBe(0);
  expect(stepsBeside({ silentSince: startedAt + 8000 }, 14_000)).toBeGreaterThan(0);
  expect(stepsBeside({ silentSince: startedAt + 8000, wasReady: true }, 9000)).toBeGreaterThan(0);
  expect(stepsBeside({ silentSince: startedAt + 100_000 }, 101_000)).toBeGreaterThan(0);
});
