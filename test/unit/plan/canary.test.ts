import { describe, expect, test } from 'vitest';
import type { CanaryStep, ServiceSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import { planStack } from '../../../src/reconcilers/plan/plan-stack.js';
import type { CanaryVerdict } from '../../../src/reconcilers/plan/rollout.js';
import { shares, story } from '../../support/model/describe.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

const DAY_MS = 86_400_000;
const STEPS: readonly CanaryStep[] = [
  { kind: 'share', weight: 5, holdMs: 1000 },
  { kind: 'share', weight: 50, holdMs: 1000 },
];

function canaryOf(steps: readonly CanaryStep[] = STEPS, text = '2.0.0', replicas = 1): ServiceSpec {
  return version(text, {
    mode: 'canary',
    canary: { steps, sticky: 'cookie', replicas, warmupMs: 0, deadlineMs: 60_000 },
  });
}

function stable(spec = service()): ModelLoop {
  const loop = new ModelLoop(stack([spec]));
  loop.settle();
  return loop;
}

function canary(steps = STEPS): ModelLoop {
  const loop = stable();
  loop.stack = stack([canaryOf(steps)]);
  loop.settle();
  return loop;
}

/** Running replicas: of stable, of the canary. */
function upOf({ world }: ModelLoop): readonly number[] {
  const up = world.containers.filter(({ role, state }) => role === 'service' && state === 'running');
  return ['stable', 'canary'].map((track) => up.filter((container) => container.track === track).length);
}

/** Says it, and lets the step's time pass. */
function judge(loop: ModelLoop, verdict: CanaryVerdict['verdict'], words = 'so it is'): void {
  loop.verdicts.set('app', { verdict, words });
  loop.world.passes(1000);
  loop.settle();
}

describe('a canary with steps', () => {
  test('is remembered to have been started again, and so is stable', () => {
    const loop = canary();
    for (const track of ['canary', 'stable', 'canary']) {
      const replica = loop.world.containers.find((container) => container.track === track);
      loop.world.change(replica?.id ?? '', { state: 'exited', exitCode: 1 });
      loop.settle();
      loop.world.passes(60_000);
    }
    expect(loop.memory.services.app?.rollout?.restarts).toEqual({ stable: 1, canary: 2 });
    judge(loop, 'advance');
    expect(loop.memory.services.app?.rollout).toMatchObject({ step: 1, restarts: { stable: 1, canary: 2 } });
  });

  test('begins its step anew on a clock that was set back', () => {
    const loop = canary();
    const { now } = loop.world;
    const rollout = planStack({ ...loop.input(), now: now - 3 * DAY_MS }).memory.services.app?.rollout;
    expect(rollout).toMatchObject({
      step: 0,
      weight: 5,
      since: now - 3 * DAY_MS,
      startedAt: now - 3 * DAY_MS,
    });
    expect(rollout?.changes).toEqual([now - 3 * DAY_MS]);
  });

  test('is followed by another version that joins with no more than its own first share', () => {
    const loop = canary();
    judge(loop, 'advance');
    loop.verdicts.clear();
    const before = loop.ticks.length;
    loop.stack = stack([canaryOf(STEPS, '2.1.0')]);
    loop.settle();
    const shifts = loop.ticks.slice(before).flatMap(({ plan }) => plan.chains.flat());
    expect(shifts.flatMap((step) => (step.kind === 'shiftTraffic' ? [step.cause] : []))).toEqual([
      'stable 50 % (1), canary 50 % (1) → stable 95 % (1), canary 5 % (2)',
      'stable 95 % (1), canary 5 % (2) → stable 95 % (1), canary 5 % (1)',
    ]);
  });

  test('keeps its share until its successor serves, where that gets as much', () => {
    const loop = canary([]);
    const before = loop.ticks.length;
    loop.stack = stack([canaryOf([], '2.1.0')]);
    loop.settle();
    const shifts = loop.ticks.slice(before).flatMap(({ plan }) => plan.chains.flat());
    expect(shifts.flatMap((step) => (step.kind === 'shiftTraffic' ? [step.weights] : []))).toEqual([
      'stable 0 % (1), canary 100 % (2)',
      'stable 0 % (1), canary 100 % (1)',
    ]);
  });

  test('stands in for a stable version that hangs as what heals, though its next share is due', () => {
    const loop = canary();
    loop.verdicts.set('app', { verdict: 'advance', words: 'so it is' });
    loop.world.passes(60_000);
    loop.tick();
    expect(loop.memory.services.app?.rollout).toMatchObject({ step: 1, weight: 50 });
    const replica = loop.world.containers.find(({ track }) => track === 'stable');
    loop.world.hang(replica?.id ?? '');
    for (let look = 0; look < 4; look += 1) loop.world.passes(200);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - shiftTraffic app: stable 95 % (1), canary 5 % (1) → canary 100 % (1) (heal)
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      3
      - restartContainer shop-app-stable-f9122c6e-1: it answers no more: it answered 500 (heal) [drift: unhealthy]
      4
      - shiftTraffic app: canary 100 % (1) → stable 0 % (1), canary 100 % (1) (heal)
      5
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      6
      - shiftTraffic app: stable 0 % (1), canary 100 % (1) → stable 50 % (1), canary 50 % (1) (rollback)"
    `);
    expect(shares(loop)).toEqual(['stable 1.0.0 50', 'canary 2.0.0 50']);
  });

  test('gets its first share beside stable', () => {
    const loop = stable();
    loop.stack = stack([canaryOf()]);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createContainer shop-app-canary-918093b3-1: mode is canary for 2.0.0 (start_canary)
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-canary-918093b3-1: mode is canary for 2.0.0 (start_canary)
      3
      - shiftTraffic app: stable 100 % (1) → stable 100 % (1), canary 0 % (1) (start_canary)
      4
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      5
      - shiftTraffic app: stable 100 % (1), canary 0 % (1) → stable 95 % (1), canary 5 % (1) (start_canary)"
    `);
    expect(shares(loop)).toEqual(['stable 1.0.0 95', 'canary 2.0.0 5']);
  });

  test('goes on when it was held and the policies let it', () => {
    const loop = canary();
    judge(loop, 'advance');
    expect(shares(loop)).toEqual(['stable 1.0.0 50', 'canary 2.0.0 50']);
  });

  test('stays after its last step until it is promoted', () => {
    const loop = canary();
    for (let look = 0; look < 3; look += 1) judge(loop, 'advance');
    expect(shares(loop)).toEqual(['stable 1.0.0 50', 'canary 2.0.0 50']);
    loop.stack = stack([version('2.0.0')]);
    loop.settle();
    expect(shares(loop)).toEqual(['stable 2.0.0 100']);
  });

  test('the stable version beside it has as many replicas as the manifest says', () => {
    const loop = canary();
    for (const replicas of [3, 2]) {
      loop.stack = stack([{ ...canaryOf(), replicas }]);
      loop.settle();
      expect(upOf(loop)).toEqual([replicas, 1]);
    }
  });

  test('once it failed, the stable version grows with the manifest, and never below what it served with', () => {
    const loop = stable(service({ replicas: 2 }));
    loop.stack = stack([canaryOf()]);
    loop.settle();
    judge(loop, 'rollback');
    for (const [replicas, up] of [
      [3, 3],
      [1, 2],
    ] as const) {
      loop.stack = stack([{ ...canaryOf(), replicas }]);
      loop.settle();
      expect(upOf(loop)).toEqual([up, 0]);
    }
  });

  test.each(['hold', 'inconclusive'] as const)('stays where it is on %s', (verdict) => {
    const loop = canary();
    judge(loop, verdict);
    expect(shares(loop)).toEqual(['stable 1.0.0 95', 'canary 2.0.0 5']);
  });

  test('keeps its share while its promotion is denied', () => {
    const loop = canary();
    loop.allow = ({ question }) => question !== 'promote';
    loop.stack = stack([version('2.0.0')]);
    loop.tick();
    loop.tick();
    expect(shares(loop)).toEqual(['stable 1.0.0 95', 'canary 2.0.0 5']);
  });

  test('waits at a pause until it is taken away', () => {
    const [first, second] = STEPS as [CanaryStep, CanaryStep];
    const loop = canary([first, { kind: 'pause' }, second]);
    for (let look = 0; look < 2; look += 1) judge(loop, 'advance');
    expect(shares(loop)).toEqual(['stable 1.0.0 95', 'canary 2.0.0 5']);
    loop.stack = stack([canaryOf([first, second])]);
    loop.settle();
    expect(shares(loop)).toEqual(['stable 1.0.0 50', 'canary 2.0.0 50']);
  });

  test('is started anew by another spec, with stable beside it', () => {
    const loop = canary();
    judge(loop, 'advance');
    loop.verdicts.clear();
    loop.stack = stack([canaryOf(STEPS, '3.0.0')]);
    loop.settle();
    expect(shares(loop)).toEqual(['stable 1.0.0 95', 'canary 3.0.0 5']);
  });

  test('may have fewer replicas than stable', () => {
    const loop = stable(service({ replicas: 3 }));
    loop.stack = stack([{ ...canaryOf(STEPS, '2.0.0', 1), replicas: 3 }]);
    loop.settle();
    expect(shares(loop)).toEqual(['stable 1.0.0+1.0.0+1.0.0 95', 'canary 2.0.0 5']);
  });

  test('of no share is there for testers', () => {
    const loop = canary([{ kind: 'share', weight: 0, holdMs: 0 }, ...STEPS]);
    expect(shares(loop)).toEqual(['stable 1.0.0 100', 'canary 2.0.0 0']);
    judge(loop, 'advance');
    expect(shares(loop)).toEqual(['stable 1.0.0 95', 'canary 2.0.0 5']);
  });
});

describe('a canary that does harm', () => {
  test('is taken back at once, stopped, and kept for its logs', () => {
    const loop = canary();
    const since = loop.ticks.length;
    judge(loop, 'rollback', 'errors: 20.00 %, maximum allowed is 1.00 %');
    expect(story(loop.ticks.slice(since))).toMatchInlineSnapshot(`
      "1
      - recordFailure shop-app-canary-918093b3-1: app 2.0.0: errors: 20.00 %, maximum allowed is 1.00 %
      2
      - shiftTraffic app: stable 95 % (1), canary 5 % (1) → stable 100 % (1) (rollback)
      3
      - stopContainer shop-app-canary-918093b3-1: app 2.0.0 failed (rollback)"
    `);
    expect(shares(loop)).toEqual(['stable 1.0.0 100']);
    expect(loop.memory.services['app']?.failed).toMatchObject({
      track: 'canary',
      version: '2.0.0',
      reason: 'CanaryRejected',
      message: 'app 2.0.0: errors: 20.00 %, maximum allowed is 1.00 %',
    });
  });

  test('is not tried again until its spec changes', () => {
    const loop = canary();
    judge(loop, 'rollback');
    loop.verdicts.clear();
    loop.stack = stack([canaryOf([...STEPS, { kind: 'share', weight: 60, holdMs: 0 }])]);
    loop.settle();
    expect(shares(loop)).toEqual(['stable 1.0.0 100']);
    loop.stack = stack([canaryOf(STEPS, '2.0.1')]);
    loop.settle();
    expect(shares(loop)).toEqual(['stable 1.0.0 95', 'canary 2.0.1 5']);
  });

  test('leaves without being asked for when the policy engine is silent', () => {
    const loop = canary();
    loop.verdicts.set('app', { verdict: 'rollback', words: 'harm' });
    loop.world.passes(1000);
    loop.silent = true;
    for (let tick = 0; tick < 4; tick += 1) loop.tick();
    expect(shares(loop)).toEqual(['stable 1.0.0 100']);
  });

  function failures(loop: ModelLoop, since: number): readonly string[] {
    const steps = loop.ticks.slice(since).flatMap(({ plan }) => plan.chains.flat());
    return steps.flatMap((step) => (step.kind === 'recordFailure' ? [step.failure.version] : []));
  }

  test('is taken back under its own name while its successor starts, which is not blamed', () => {
    const loop = canary();
    const since = loop.ticks.length;
    loop.stack = stack([canaryOf(STEPS, '3.0.0')]);
    loop.tick();
    loop.verdicts.set('app', { verdict: 'rollback', words: 'harm' });
    loop.tick();
    loop.verdicts.clear();
    loop.settle();
    expect(failures(loop, since)).toEqual(['2.0.0']);
    expect(shares(loop)).toEqual(['stable 1.0.0 95', 'canary 3.0.0 5']);
    expect(loop.memory.services['app']?.failed).toBeUndefined();
  });

  test('is taken back while its successor is denied', () => {
    const loop = canary();
    loop.allow = ({ question }) => question !== 'start_canary';
    loop.stack = stack([canaryOf(STEPS, '3.0.0')]);
    loop.rest();
    loop.verdicts.set('app', { verdict: 'rollback', words: 'harm' });
    loop.rest();
    expect(shares(loop)).toEqual(['stable 1.0.0 100']);
  });

  test('is taken back while another stable version is on its way', () => {
    const loop = canary();
    const since = loop.ticks.length;
    loop.stack = stack([version('3.0.0')]);
    loop.tick();
    loop.verdicts.set('app', { verdict: 'rollback', words: 'harm' });
    loop.settle();
    expect(failures(loop, since)).toEqual(['2.0.0']);
    expect(shares(loop)).toEqual(['stable 3.0.0 100']);
  });

  test('is taken back while its promotion is denied, and not promoted when that is allowed', () => {
    const loop = canary();
    loop.allow = ({ question }) => question !== 'promote';
    loop.stack = stack([version('2.0.0')]);
    loop.rest();
    expect(shares(loop)).toEqual(['stable 1.0.0 95', 'canary 2.0.0 5']);
    loop.verdicts.set('app', { verdict: 'rollback', words: 'harm' });
    loop.rest();
    loop.allow = () => true;
    loop.rest();
    expect(shares(loop)).toEqual(['stable 1.0.0 100']);
    expect(loop.memory.services['app']?.failed).toMatchObject({ version: '2.0.0' });
  });

  test("is nobody else's failure while a person takes it back", () => {
    const loop = canary();
    const since = loop.ticks.length;
    loop.stack = stack([service()]);
    loop.verdicts.set('app', { verdict: 'rollback', words: 'harm' });
    loop.settle();
    expect(failures(loop, since)).toEqual([]);
    expect(shares(loop)).toEqual(['stable 1.0.0 100']);
  });

  test('has nowhere to go where there is no stable version, or the same one', () => {
    const alone = new ModelLoop(stack([canaryOf()]));
    alone.settle();
    judge(alone, 'rollback');
    expect(shares(alone)).toEqual(['canary 2.0.0 100']);
    const same = stable(version('2.0.0'));
    same.stack = stack([canaryOf()]);
    same.settle();
    judge(same, 'rollback');
    expect(shares(same)).toEqual(['stable 2.0.0 95', 'canary 2.0.0 5']);
  });
});

test('a canary whose successor failed is not what is gone back to, and begins at its first step when it is wanted again', () => {
  const loop = canary();
  judge(loop, 'advance');
  expect(shares(loop)).toEqual(['stable 1.0.0 50', 'canary 2.0.0 50']);
  loop.verdicts.clear();
  loop.stack = stack([canaryOf(STEPS, '3.0.0-sick')]);
  loop.rest();
  expect(shares(loop)).toEqual(['stable 1.0.0 100']);
  loop.stack = stack([canaryOf()]);
  loop.settle();
  expect(shares(loop)).toEqual(['stable 1.0.0 95', 'canary 2.0.0 5']);
});
