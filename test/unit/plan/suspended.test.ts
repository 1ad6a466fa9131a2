import { describe, expect, test } from 'vitest';
import type { ServiceSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import { doneSteps, type StepResult } from '../../../src/reconcilers/apply/apply.js';
import { formatPlan } from '../../../src/reconcilers/plan/format-plan.js';
import { withDone } from '../../../src/reconcilers/plan/memory.js';
import { planStack } from '../../../src/reconcilers/plan/plan-stack.js';
import type { Plan } from '../../../src/reconcilers/plan/plan.js';
import { canaryShare } from '../../../src/reconcilers/plan/proxy-model.js';
import { chainsToApply, planSuspended } from '../../../src/reconcilers/plan/suspended.js';
import type { Suspend } from '../../../src/reconcilers/plan/suspension.js';
import { interpret } from '../../support/model/interpret.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

const SINCE = '2026-05-05T20:00:00.000Z';
const WHOLE: Suspend = { by: 'manifest', since: SINCE };
const APP: Suspend = { by: 'person', who: 'ana@host', why: 'by hand', since: SINCE, service: 'app' };

const WEB = service({ name: 'web', route: { path: '/web' } });

function settled(...services: readonly ServiceSpec[]): ModelLoop {
  const loop = new ModelLoop(stack(services.length === 0 ? [service(), WEB] : services));
  loop.settle();
  return loop;
}

function replicaOf({ world }: ModelLoop, name: string) {
  const found = world.containers.find((container) => container.service === name);
  if (found === undefined) throw new Error(`no replica of ${name}`);
  return found;
}

/** Somebody stopped the replica of a service. */
function stopped(loop: ModelLoop, name: string): ModelLoop {
  loop.world.change(replicaOf(loop, name).id, { state: 'exited', exitCode: 137 });
  loop.world.passes(10);
  return loop;
}

function plan(loop: ModelLoop, ...suspends: readonly Suspend[]): Plan {
  return planSuspended(loop.input(), suspends);
}

/** Ticks in which only what is not suspended is applied; returns the last plan. */
function live(loop: ModelLoop, suspends: readonly Suspend[], ticks = 60): Plan {
  for (let tick = 0; tick < ticks; tick += 1) {
    const planned = plan(loop, ...suspends);
    const results = chainsToApply(planned).flatMap((chain) =>
      chain.map((step): StepResult => {
        interpret(loop.world, step);
        return { kind: 'done', step, durationMs: 0 };
      }),
    );
    loop.memory = withDone(planned.memory, doneSteps(results), loop.world.now);
    loop.world.passes(250);
  }
  return plan(loop, ...suspends);
}

describe('with nothing suspended', () => {
  test('the plan is the plan', () => {
    const loop = stopped(settled(), 'app');
    expect(plan(loop)).toEqual(planStack(loop.input()));
  });
});

describe('a stack that is suspended', () => {
  test('gets no step, and its drift stays in the plan', () => {
    const loop = stopped(settled(), 'app');
    const planned = plan(loop, WHOLE);
    expect(chainsToApply(planned)).toEqual([]);
    expect(formatPlan(planned.chains)).toBe(formatPlan(loop.plan().chains));
    expect(planned.suspension?.isAllThatIsLeft).toBe(true);
  });

  test('that was never deployed is not begun', () => {
    const loop = new ModelLoop(stack([service()]));
    live(loop, [WHOLE], 5);
    expect(loop.world.containers).toEqual([]);
  });

  test('of which the world is as the manifest says is settled, and nothing is left', () => {
    const planned = plan(settled(), WHOLE);
    expect([planned.converged, planned.suspension?.isAllThatIsLeft, planned.wakeAt]).toEqual([
      true,
      false,
      undefined,
    ]);
  });

  test('in which something is only waited for has nothing due', () => {
    const loop = new ModelLoop(stack([service()]));
    const isWaiting = ({ chains, converged }: Plan) => chains.length === 0 && !converged;
    while (!isWaiting(loop.plan())) loop.tick();
    expect(plan(loop, WHOLE).suspension?.isAllThatIsLeft).toBe(false);
  });

  test('is looked at when the first suspend ends by itself', () => {
    const loop = settled();
    const until = new Date(loop.world.now + 5000).toISOString();
    expect(plan(loop, { ...WHOLE, until }).wakeAt).toBe(loop.world.now + 5000);
  });

  test('goes on with the same steps when it is suspended no more', () => {
    const loop = settled();
    loop.stack = stack([version('2.0.0'), WEB]);
    live(loop, [WHOLE], 5);
    const resumed = plan(loop);
    expect(formatPlan(chainsToApply(resumed))).toContain('version changed from 1.0.0 to 2.0.0');
    loop.settle();
    expect(replicaOf(loop, 'app').version).toBe('2.0.0');
  });
});

describe('a service that is suspended', () => {
  test('is not healed; its neighbour is', () => {
    const loop = stopped(stopped(settled(), 'app'), 'web');
    const planned = plan(loop, APP);
    expect(formatPlan(planned.suspension?.withheld ?? [])).toMatch(/^- startContainer shop-app-.*stopped/);
    const last = live(loop, [APP]);
    expect([replicaOf(loop, 'app').state, replicaOf(loop, 'web').state]).toEqual(['exited', 'running']);
    expect(last.suspension?.isAllThatIsLeft).toBe(true);
  });

  test('keeps its version, and its place in the proxy, while its neighbour gets both anew', () => {
    const loop = settled();
    const moved = version('2.0.0', { route: { path: '/new' } });
    loop.stack = stack([
      moved,
      service({ name: 'web', route: { path: '/shop' }, container: { version: '3' } }),
    ]);
    live(loop, [APP]);
    const { model } = loop.world.observe(loop.stack).proxy;
    const places = model?.routes.map(({ service: name, path }) => `${name} ${path}`);
    expect(places).toEqual(['app /', 'web /shop']);
    expect([replicaOf(loop, 'app').version, replicaOf(loop, 'web').version]).toEqual(['1.0.0', '3']);
    live(loop, []);
    const after = loop.world.observe(loop.stack).proxy.model;
    expect(after?.routes.map(({ path }) => path)).toEqual(['/new', '/shop']);
    expect(replicaOf(loop, 'app').version).toBe('2.0.0');
  });

  test('that leaves the manifest is not removed, nor its route', () => {
    const loop = settled();
    loop.stack = stack([WEB]);
    live(loop, [APP]);
    expect(replicaOf(loop, 'app').state).toBe('running');
    expect(loop.world.observe(loop.stack).proxy.model?.routes.map(({ service: name }) => name)).toEqual([
      'app',
      'web',
    ]);
  });

  test('of which only the route was edited: that is held back, and said', () => {
    const loop = settled();
    loop.stack = stack([service({ route: { path: '/new' } }), WEB]);
    const { suspension } = live(loop, [APP]);
    expect(suspension?.withheld.flat().map(({ kind }) => kind)).toEqual(['configureProxy']);
    expect(suspension?.isAllThatIsLeft).toBe(true);
  });

  test('keeps its place from a neighbour that is wanted there', () => {
    const loop = settled();
    const routes = () =>
      loop.world.observe(loop.stack).proxy.model?.routes.map(({ service: name, path }) => [name, path]);
    loop.stack = stack([service({ route: { path: '/old' } }), { ...WEB, route: { path: '/' } }]);
    live(loop, [APP]);
    expect(routes()).toEqual([
      ['app', '/'],
      ['web', '/web'],
    ]);
    live(loop, []);
    expect(routes()).toEqual([
      ['app', '/old'],
      ['web', '/'],
    ]);
  });

  test('does not stop an image that its neighbour needs, too', () => {
    const loop = settled();
    const image = 'team:9';
    loop.stack = stack([
      version('2.0.0', { container: { image } }),
      service({ name: 'web', route: { path: '/web' }, container: { image } }),
    ]);
    const pulls = (planned: Plan) =>
      chainsToApply(planned)
        .flat()
        .filter(({ kind }) => kind === 'pullImage');
    expect(pulls(plan(loop, APP))).toHaveLength(1);
    loop.stack = stack([version('2.0.0', { container: { image } }), WEB]);
    expect(pulls(plan(loop, APP))).toEqual([]);
    expect(pulls(plan(loop))).toHaveLength(1);
  });

  test('is not all that is left while a neighbour is on its way', () => {
    const loop = stopped(stopped(settled(), 'app'), 'web');
    expect(plan(loop, APP).suspension?.isAllThatIsLeft).toBe(false);
  });

  test('is no reason to look at a hurry, and none to sleep', () => {
    const loop = stopped(settled(), 'app');
    const last = live(loop, [APP], 10);
    expect((last.wakeAt ?? 0) - loop.world.now).toBe(1000);
  });
});

describe('a canary of a service that is suspended', () => {
  const steps = [
    { kind: 'share', weight: 5, holdMs: 1000 },
    { kind: 'share', weight: 50, holdMs: 1000 },
  ] as const;
  const canary = version('2.0.0', {
    mode: 'canary',
    canary: { steps, sticky: 'cookie', replicas: 1, warmupMs: 0, deadlineMs: 60_000 },
  });

  function rolling(): ModelLoop {
    const loop = settled(service());
    loop.stack = stack([canary]);
    loop.settle();
    return loop;
  }

  function share(loop: ModelLoop): number {
    const [route] = loop.world.observe(loop.stack).proxy.model?.routes ?? [];
    return route === undefined ? 0 : canaryShare(route);
  }

  test('takes no step, and is not remembered as if it had', () => {
    const loop = rolling();
    loop.verdicts.set('app', { verdict: 'advance', words: 'good' });
    loop.world.passes(5000);
    live(loop, [APP], 20);
    expect([share(loop), loop.memory.services.app?.rollout?.step]).toEqual([5, 0]);
    live(loop, [], 20);
    expect(share(loop)).toBe(50);
  });

  test('is not taken back by the judge until the suspend ends', () => {
    const loop = rolling();
    loop.verdicts.set('app', { verdict: 'rollback', words: 'too many errors' });
    const last = live(loop, [APP], 20);
    expect(share(loop)).toBe(5);
    expect(last.suspension?.isAllThatIsLeft).toBe(true);
    expect(formatPlan(last.suspension?.withheld ?? [])).toContain('recordFailure');
    live(loop, [], 40);
    expect(share(loop)).toBe(0);
  });
});

test('a service that the manifest has no more drains: the suspended is not yet all that is left', () => {
  const loop = stopped(settled(), 'app');
  loop.stack = stack([service()]);
  const left: boolean[] = [];
  const isThere = () => loop.world.containers.some(({ service: name }) => name === 'web');
  while (isThere()) {
    left.push(live(loop, [APP], 1).suspension?.isAllThatIsLeft ?? false);
    if (left.length > 60) throw new Error('web never leaves');
  }
  expect(new Set(left.slice(0, -1))).toEqual(new Set([false]));
  expect(plan(loop, APP).suspension?.isAllThatIsLeft).toBe(true);
});
