import { describe, expect, test } from 'vitest';
import type { CanarySpec, CanaryStep, ServiceSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import type { CanaryVerdict } from '../../../src/reconcilers/plan/rollout.js';
import { shares, story } from '../../support/model/describe.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

const STEPS: readonly CanaryStep[] = [{ kind: 'share', weight: 50, holdMs: 1000 }];
const BAKE_MS = 10_000;
const BAKING = ['stable 1.0.0 0', 'canary 2.0.0 100'];

function blockOf(changes: Partial<CanarySpec> = {}): CanarySpec {
  return {
    steps: STEPS,
    sticky: 'cookie',
    replicas: 1,
    warmupMs: 0,
    deadlineMs: 60_000,
    bakeMs: BAKE_MS,
    ...changes,
  };
}

function canaryOf(text = '2.0.0', changes: Partial<CanarySpec> = {}, replicas = 1): ServiceSpec {
  return version(text, { mode: 'canary', canary: blockOf(changes), replicas });
}

function promoted(text = '2.0.0', changes: Partial<CanarySpec> = {}, replicas = 1): ServiceSpec {
  return { ...canaryOf(text, changes, replicas), mode: 'stable' };
}

/** At the canary's only step. */
function canary(changes: Partial<CanarySpec> = {}, replicas = 1): ModelLoop {
  const loop = new ModelLoop(stack([service({ replicas })]));
  loop.settle();
  loop.stack = stack([canaryOf('2.0.0', changes, replicas)]);
  loop.settle();
  return loop;
}

function baking(): ModelLoop {
  const loop = canary();
  loop.stack = stack([promoted()]);
  loop.settle();
  return loop;
}

function say(loop: ModelLoop, verdict: CanaryVerdict['verdict'], afterMs = 0): void {
  loop.verdicts.set('app', { verdict, words: 'so it is' });
  loop.world.passes(afterMs);
  loop.settle();
}

function bakeOf(loop: ModelLoop) {
  return loop.memory.services['app']?.rollout?.bake;
}

describe('a promotion that bakes', () => {
  test('gives the new version everything where it is, and keeps the old one', () => {
    const loop = canary();
    loop.stack = stack([promoted()]);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      2
      - shiftTraffic app: stable 50 % (1), canary 50 % (1) → stable 0 % (1), canary 100 % (1) (promote)"
    `);
    expect(shares(loop)).toEqual(BAKING);
  });

  test('is asked for as a promotion; denied, the canary keeps its share', () => {
    const loop = canary();
    loop.allow = ({ question }) => question !== 'promote';
    loop.stack = stack([promoted()]);
    for (let tick = 0; tick < 4; tick += 1) loop.tick();
    expect(shares(loop)).toEqual(['stable 1.0.0 50', 'canary 2.0.0 50']);
    expect(bakeOf(loop)).toBeUndefined();
  });

  test('has as many replicas as stable before it gets everything', () => {
    const loop = canary({}, 3);
    expect(shares(loop)).toEqual(['stable 1.0.0+1.0.0+1.0.0 50', 'canary 2.0.0 50']);
    loop.stack = stack([promoted('2.0.0', {}, 3)]);
    loop.tick();
    expect(shares(loop)).toEqual(['stable 1.0.0+1.0.0+1.0.0 50', 'canary 2.0.0 50']);
    loop.settle();
    expect(shares(loop)).toEqual(['stable 1.0.0+1.0.0+1.0.0 0', 'canary 2.0.0+2.0.0+2.0.0 100']);
  });

  test('is over when its time is, and the policies say so', () => {
    const loop = baking();
    say(loop, 'advance', BAKE_MS / 2);
    expect(shares(loop)).toEqual(BAKING);
    const since = loop.ticks.length;
    say(loop, 'advance', BAKE_MS);
    expect(story(loop.ticks.slice(since))).toMatchInlineSnapshot(`
      "1
      - createContainer shop-app-stable-918093b3-1: its bake is over, which promotes 2.0.0 for good (promote)
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-stable-918093b3-1: its bake is over, which promotes 2.0.0 for good (promote)
      3
      - shiftTraffic app: stable 0 % (1), canary 100 % (1) → stable 0 % (2), canary 100 % (1) (promote)
      4
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      5
      - shiftTraffic app: stable 0 % (2), canary 100 % (1) → stable 100 % (1), canary 0 % (1) (promote)
      6
      - shiftTraffic app: stable 100 % (1), canary 0 % (1) → stable 100 % (1) (remove)
      7
      - stopContainer shop-app-canary-918093b3-1: superseded by stable 2.0.0 (remove)
        removeContainer shop-app-canary-918093b3-1: superseded by stable 2.0.0 (remove)
      - stopContainer shop-app-stable-f9122c6e-1: superseded by stable 2.0.0 (remove)
        removeContainer shop-app-stable-f9122c6e-1: superseded by stable 2.0.0 (remove)"
    `);
    expect(shares(loop)).toEqual(['stable 2.0.0 100']);
    expect(loop.memory.services['app']).not.toHaveProperty('rollout');
  });

  test.each(['hold', 'inconclusive'] as const)(
    'goes on after its time while the policies say %s',
    (verdict) => {
      const loop = baking();
      say(loop, verdict, 10 * BAKE_MS);
      expect(shares(loop)).toEqual(BAKING);
    },
  );

  test('goes on where nobody judges', () => {
    const loop = baking();
    loop.silent = true;
    loop.world.passes(10 * BAKE_MS);
    for (let tick = 0; tick < 4; tick += 1) loop.tick();
    expect(shares(loop)).toEqual(BAKING);
  });

  test('counts from when it serves everybody, whatever happens to the controller', () => {
    const loop = baking();
    const begun = bakeOf(loop);
    loop.world.passes(BAKE_MS / 2);
    loop.tick(0);
    loop.settle();
    expect(bakeOf(loop)).toEqual(begun);
  });

  test('goes back to its step when the mode says canary again', () => {
    const loop = baking();
    loop.stack = stack([canaryOf()]);
    loop.settle();
    expect(shares(loop)).toEqual(['stable 1.0.0 50', 'canary 2.0.0 50']);
    expect(bakeOf(loop)).toBeUndefined();
  });

  test('ends with the rest of a promotion when the manifest has no bake any more', () => {
    const loop = baking();
    loop.stack = stack([version('2.0.0')]);
    loop.settle();
    expect(shares(loop)).toEqual(['stable 2.0.0 100']);
  });

  test('lets another version take over from the one that serves', () => {
    const loop = baking();
    loop.stack = stack([promoted('3.0.0')]);
    loop.settle();
    expect(shares(loop)).toEqual(['stable 3.0.0 100']);
  });

  test('lets another canary start beside the old version', () => {
    const loop = baking();
    loop.stack = stack([canaryOf('3.0.0')]);
    loop.settle();
    expect(shares(loop)).toEqual(['stable 1.0.0 50', 'canary 3.0.0 50']);
  });

  test('is left at once by a person who goes back', () => {
    const loop = baking();
    loop.world.passes(1000);
    loop.silent = true;
    loop.stack = stack([service({ canary: blockOf() })]);
    for (let tick = 0; tick < 3; tick += 1) loop.tick();
    expect(shares(loop)[0]).toBe('stable 1.0.0 100');
  });
});

describe('a version that goes wrong in its bake', () => {
  test('is taken back, stopped, kept for its logs and not tried again', () => {
    const loop = baking();
    const since = loop.ticks.length;
    say(loop, 'rollback', 4000);
    expect(story(loop.ticks.slice(since))).toMatchInlineSnapshot(`
      "1
      - recordFailure shop-app-canary-918093b3-1: app 2.0.0: taken back in its bake, 4 s after its promotion: so it is
      2
      - shiftTraffic app: stable 0 % (1), canary 100 % (1) → stable 100 % (1) (rollback)
      3
      - stopContainer shop-app-canary-918093b3-1: app 2.0.0 failed (rollback)"
    `);
    expect(shares(loop)).toEqual(['stable 1.0.0 100']);
    expect(loop.memory.services['app']?.failed).toMatchObject({ track: 'canary', version: '2.0.0' });
    loop.verdicts.clear();
    for (const spec of [promoted(), canaryOf()]) {
      loop.stack = stack([spec]);
      loop.settle();
      expect(shares(loop)).toEqual(['stable 1.0.0 100']);
    }
  });

  test('leaves without being asked for when the policy engine is silent', () => {
    const loop = baking();
    loop.verdicts.set('app', { verdict: 'rollback', words: 'harm' });
    loop.world.passes(1000);
    loop.silent = true;
    for (let tick = 0; tick < 4; tick += 1) loop.tick();
    expect(shares(loop)).toEqual(['stable 1.0.0 100']);
  });
});

describe('what does not bake', () => {
  test('a first deploy', () => {
    const loop = new ModelLoop(stack([promoted()]));
    loop.settle();
    expect(shares(loop)).toEqual(['stable 2.0.0 100']);
    expect(bakeOf(loop)).toBeUndefined();
  });

  test('a canary that is all there is', () => {
    const loop = new ModelLoop(stack([canaryOf()]));
    loop.settle();
    expect(shares(loop)).toEqual(['canary 2.0.0 100']);
    loop.stack = stack([promoted()]);
    loop.settle();
    expect(shares(loop)).toEqual(['stable 2.0.0 100']);
  });

  test('a version that was no canary', () => {
    const loop = new ModelLoop(stack([service({ canary: blockOf() })]));
    loop.settle();
    loop.stack = stack([promoted()]);
    loop.settle();
    expect(shares(loop)).toEqual(['stable 2.0.0 100']);
  });
});
