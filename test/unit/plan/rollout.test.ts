import { describe, expect, test } from 'vitest';
import { attemptHash } from '../../../src/reconcilers/desired/spec-hash.js';
import type { ContainerEnd, ObservedContainer } from '../../../src/reconcilers/observed/world.js';
import { RetryBook } from '../../../src/reconcilers/apply/retry-book.js';
import { CreationRefused } from '../../../src/reconcilers/docker/engine-errors.js';
import { withRetry, type StackMemory } from '../../../src/reconcilers/plan/memory.js';
import type { Step } from '../../../src/reconcilers/plan/steps.js';
import { shares, story } from '../../support/model/describe.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import type { ModelWorld } from '../../support/model/model-world.js';
import { service, stack, version } from '../../support/model/stacks.js';

const STABLE = stack([service()]);
const CANARY = stack([version('2.0.0', { mode: 'canary' })]);

function stable(): ModelLoop {
  const loop = new ModelLoop(STABLE);
  loop.settle();
  return loop;
}

function canary(): ModelLoop {
  const loop = stable();
  loop.stack = CANARY;
  loop.settle();
  return loop;
}

/** Versions and tracks that answer users now. */
function answering({ world }: ModelLoop): string[] {
  const serving = world.answering('shop-net').get('app') ?? [];
  return serving.map(({ track = '', version: text = '' }) => `${track} ${text}`);
}

describe('the stable version, of which a canary failed', () => {
  const [spec] = STABLE.services;
  const failed = { attempt: spec && attemptHash(spec), track: 'canary', message: 'it got no answer' };

  function failedCanary(): ModelLoop {
    const loop = stable();
    const app = { ...loop.memory.services['app'], failed };
    loop.memory = { ...loop.memory, services: { app } } as unknown as StackMemory;
    return loop;
  }

  test('is not tried again as a canary', () => {
    const loop = failedCanary();
    loop.stack = stack([service({ mode: 'canary' })]);
    expect(loop.tick().plan.chains).toEqual([]);
    expect(loop.memory.services['app']?.failed).toEqual(failed);
  });

  test('is as the manifest says, where that says stable', () => {
    const loop = failedCanary();
    const { plan } = loop.tick();
    expect(plan.chains).toEqual([]);
    expect(loop.tick().plan.converged).toBe(true);
    expect(loop.memory.services['app']?.failed).toBeUndefined();
  });
});

describe('a canary', () => {
  test('starts beside stable and takes the traffic; stable stands by', () => {
    const loop = stable();
    loop.stack = CANARY;
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
      - shiftTraffic app: stable 100 % (1), canary 0 % (1) → stable 0 % (1), canary 100 % (1) (start_canary)"
    `);
    expect(answering(loop)).toEqual(['canary 2.0.0']);
  });

  test('is promoted by mode: stable', () => {
    const loop = canary();
    loop.stack = stack([version('2.0.0')]);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createContainer shop-app-stable-918093b3-1: mode changed to stable, which promotes 2.0.0 (promote)
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-stable-918093b3-1: mode changed to stable, which promotes 2.0.0 (promote)
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
    expect(answering(loop)).toEqual(['stable 2.0.0']);
  });

  test('is taken back by the spec that stable has', () => {
    const loop = canary();
    loop.stack = STABLE;
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      2
      - shiftTraffic app: stable 0 % (1), canary 100 % (1) → stable 100 % (1), canary 0 % (1) (rollback)
      3
      - shiftTraffic app: stable 100 % (1), canary 0 % (1) → stable 100 % (1) (remove)
      4
      - stopContainer shop-app-canary-918093b3-1: the canary was taken back (rollback)
        removeContainer shop-app-canary-918093b3-1: the canary was taken back (rollback)"
    `);
    expect(answering(loop)).toEqual(['stable 1.0.0']);
  });

  test('of the same spec as stable is a change of mode alone', () => {
    const loop = stable();
    loop.stack = stack([service({ mode: 'canary' })]);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createContainer shop-app-canary-f9122c6e-1: mode is canary for 1.0.0 (start_canary)
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-canary-f9122c6e-1: mode is canary for 1.0.0 (start_canary)
      3
      - shiftTraffic app: stable 100 % (1) → stable 100 % (1), canary 0 % (1) (start_canary)
      4
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      5
      - shiftTraffic app: stable 100 % (1), canary 0 % (1) → stable 0 % (1), canary 100 % (1) (start_canary)"
    `);
    loop.stack = STABLE;
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      2
      - shiftTraffic app: stable 0 % (1), canary 100 % (1) → stable 100 % (1), canary 0 % (1) (rollback)
      3
      - shiftTraffic app: stable 100 % (1), canary 0 % (1) → stable 100 % (1) (remove)
      4
      - stopContainer shop-app-canary-f9122c6e-1: superseded by stable 1.0.0 (remove)
        removeContainer shop-app-canary-f9122c6e-1: superseded by stable 1.0.0 (remove)"
    `);
  });

  test('is all there is when the first deploy says so; mode: stable promotes it', () => {
    const loop = new ModelLoop(stack([service({ mode: 'canary' })]));
    loop.settle();
    expect(answering(loop)).toEqual(['canary 1.0.0']);
    expect(Object.keys(loop.memory.services.app ?? {})).toEqual(['canary', 'rollout', 'builds']);
    loop.stack = STABLE;
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createContainer shop-app-stable-f9122c6e-1: mode changed to stable, which promotes 1.0.0 (promote)
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-stable-f9122c6e-1: mode changed to stable, which promotes 1.0.0 (promote)
      3
      - shiftTraffic app: canary 100 % (1) → stable 0 % (1), canary 100 % (1) (promote)
      4
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      5
      - shiftTraffic app: stable 0 % (1), canary 100 % (1) → stable 100 % (1), canary 0 % (1) (promote)
      6
      - shiftTraffic app: stable 100 % (1), canary 0 % (1) → stable 100 % (1) (remove)
      7
      - stopContainer shop-app-canary-f9122c6e-1: superseded by stable 1.0.0 (remove)
        removeContainer shop-app-canary-f9122c6e-1: superseded by stable 1.0.0 (remove)"
    `);
    expect(answering(loop)).toEqual(['stable 1.0.0']);
  });

  test('is healed like stable', () => {
    const loop = canary();
    const container = loop.world.containers.find(({ track }) => track === 'canary');
    loop.world.remove(container?.id ?? '');
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createContainer shop-app-canary-918093b3-1: shop-app-canary-918093b3-1 is gone (heal) [drift: removed]
      - shiftTraffic app: stable 0 % (1), canary 100 % (1) → stable 100 % (1) (rollback)
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-canary-918093b3-1: it was made again (heal)
      3
      - shiftTraffic app: stable 100 % (1) → stable 100 % (1), canary 0 % (1) (heal)
      4
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      5
      - shiftTraffic app: stable 100 % (1), canary 0 % (1) → stable 0 % (1), canary 100 % (1) (heal)"
    `);
  });
});

describe('a version that does not get healthy', () => {
  test('as canary: nobody sees it, it is stopped and kept for its logs', () => {
    const loop = stable();
    loop.stack = stack([version('3.0.0-sick', { mode: 'canary' })]);
    const before = loop.ticks.length;
    loop.rest();
    expect(story(loop.ticks.slice(before))).toMatchInlineSnapshot(`
      "1
      - createContainer shop-app-canary-84021894-1: mode is canary for 3.0.0-sick (start_canary)
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-canary-84021894-1: mode is canary for 3.0.0-sick (start_canary)
      3
      - recordFailure shop-app-canary-84021894-1: app 3.0.0-sick: it was not healthy within 5 s: it answered 500
      4
      - stopContainer shop-app-canary-84021894-1: app 3.0.0-sick failed (rollback)"
    `);
    expect(answering(loop)).toEqual(['stable 1.0.0']);
    expect(states(loop)).toMatchInlineSnapshot(`
      [
        "shop-app-stable-f9122c6e-1 running",
        "shop-app-canary-84021894-1 exited",
      ]
    `);
  });

  test('as stable: the old one serves on', () => {
    const loop = stable();
    loop.stack = stack([version('3.1.0-crash')]);
    const before = loop.ticks.length;
    loop.rest();
    expect(story(loop.ticks.slice(before))).toMatchInlineSnapshot(`
      "1
      - createContainer shop-app-stable-f6c958f3-1: version changed from 1.0.0 to 3.1.0-crash (replace)
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-stable-f6c958f3-1: version changed from 1.0.0 to 3.1.0-crash (replace)
      3
      - recordFailure shop-app-stable-f6c958f3-1: app 3.1.0-crash: it was restarted 10 times within 5 s, it is up again just now
      4
      - stopContainer shop-app-stable-f6c958f3-1: app 3.1.0-crash failed (rollback)"
    `);
    expect(answering(loop)).toEqual(['stable 1.0.0']);
    expect(loop.memory.services.app?.failed?.message).toMatchInlineSnapshot(
      `"app 3.1.0-crash: it was restarted 10 times within 5 s, it is up again just now"`,
    );
  });

  test('as the very first: nothing serves, and it is not tried again', () => {
    const loop = new ModelLoop(stack([version('3.0.0-sick')]));
    loop.rest();
    expect(answering(loop)).toEqual([]);
    expect(states(loop)).toMatchInlineSnapshot(`
      [
        "shop-app-stable-84021894-1 exited",
      ]
    `);
    expect(loop.plan().chains).toEqual([]);
  });

  test('that ends with restart_policy no says how it ended', () => {
    const loop = stable();
    loop.stack = stack([version('3.1.0-crash', { container: { image: 'root:1', restartPolicy: 'no' } })]);
    loop.rest();
    expect(loop.memory.services.app?.failed?.message).toMatchInlineSnapshot(
      `"app 3.1.0-crash: it is stopped (exit code 1); its image wants root and SwiftDeploy ran it as 10001:10001 without capabilities: if its log says "permission denied", set user: "0:0" or cap_add"`,
    );
  });

  test('that was restarted once is not said to have been so 1 times', () => {
    const loop = stable();
    loop.stack = stack([version('3.1.0-crash')]);
    for (let tick = 0; tick < 100 && loop.memory.services.app?.failed === undefined; tick += 1) {
      for (const container of loop.world.containers)
        if (container.restartCount > 1) Object.assign(container, { restartCount: 1 });
      loop.tick();
    }
    expect(loop.memory.services.app?.failed?.message).toContain('it was restarted once within 5 s');
  });

  test.each([
    [
      { exitCode: 0, oomKilled: false },
      'last it ended with exit code 0; a service has to keep running: a job that ends is not supported',
    ],
    [{ exitCode: 137, oomKilled: true }, 'last it was killed for using more memory than it may (OOM)'],
    [
      { exitCode: 3, oomKilled: false },
      'last it ended with exit code 3; its image wants root and SwiftDeploy ran it as 10001:10001 without capabilities: if its log says "permission denied", set user: "0:0" or cap_add',
    ],
  ])('that is up again when its time is over says how it ended: %o', (lastEnd, words) => {
    const loop = stable();
    loop.stack = stack([version('3.1.0-crash', { container: { image: 'root:1' } })]);
    for (let tick = 0; tick < 100 && loop.memory.services.app?.failed === undefined; tick += 1) {
      for (const container of loop.world.containers)
        if (container.restartCount > 0) Object.assign(container, { state: 'running', lastEnd });
      loop.tick();
    }
    expect(loop.memory.services.app?.failed?.message.split(' within 5 s, ').at(-1)).toBe(words);
  });

  test.each([
    ['beside another', stack([service()]), ['stable 1.0.0']],
    ['as the very first', stack([]), []],
  ])('that the engine cannot start has failed at its deadline: %s', (_as, before, serving) => {
    const why = 'exec: "/nope": stat /nope: no such file or directory';
    const broken = { startError: why };
    const loop = new ModelLoop(before, { beforeStep: failsToStart('3.2.0', broken) });
    loop.settle();
    loop.stack = stack([version('3.2.0')]);
    loop.rest();
    const { failed } = loop.memory.services.app ?? {};
    expect(failed).toMatchObject({
      reason: 'CannotStart',
      message: `app 3.2.0: the engine cannot start it: ${why}`,
    });
    const it = loop.world.containers.find(({ version: its }) => its === '3.2.0');
    expect(it?.state).toBe('created');
    const tookMs = Date.parse(failed?.at ?? '') - (it?.createdAt ?? 0);
    expect([tookMs >= 5000, tookMs < 6000], String(tookMs)).toEqual([true, true]);
    expect(answering(loop)).toEqual(serving);
    broken.startError = '';
    loop.memory = withRetry(loop.memory, { service: 'app', attempt: failed?.attempt ?? '' });
    loop.settle();
    expect(answering(loop)).toEqual(['stable 3.2.0']);
  });

  test.each([
    ['beside another', stack([service({ replicas: 2 })]), ['stable 1.0.0', 'stable 1.0.0']],
    ['as the very first', stack([]), []],
  ])('that the engine refuses to create has failed at its deadline: %s', (_as, before, serving) => {
    const broken = { why: new CreationRefused('No command specified') as Error | undefined };
    const loop = new ModelLoop(before, { beforeStep: failsToCreate('3.2.0', broken) });
    loop.settle();
    loop.stack = stack([version('3.2.0', { replicas: 2 })]);
    const from = loop.world.now;
    loop.rest();
    const { failed, refused } = loop.memory.services.app ?? {};
    expect(failed).toMatchObject({
      reason: 'CannotCreate',
      message: 'app 3.2.0: the engine refuses to create its container: No command specified',
    });
    expect(refused).toBeUndefined();
    const tookMs = Date.parse(failed?.at ?? '') - from;
    expect([tookMs >= 5000, tookMs < 6000], String(tookMs)).toEqual([true, true]);
    expect(creations(loop, from).length).toBeLessThan(10);
    expect(answering(loop)).toEqual(serving);
    const later = loop.world.now;
    loop.rest();
    expect(creations(loop, later)).toEqual([]);
    broken.why = undefined;
    loop.memory = withRetry(loop.memory, { service: 'app', attempt: failed?.attempt ?? '' });
    loop.settle();
    expect(answering(loop)).toEqual(['stable 3.2.0', 'stable 3.2.0']);
  });

  test('that the engine refuses to create for a while has not failed', () => {
    const broken = { why: new CreationRefused('no such plugin') as Error | undefined };
    const loop = new ModelLoop(stack([]), { beforeStep: failsToCreate('3.2.0', broken) });
    loop.settle();
    loop.stack = stack([version('3.2.0')]);
    const from = loop.world.now;
    while (loop.world.now - from < 3000) loop.tick();
    expect(loop.memory.services.app?.refused).not.toBeUndefined();
    broken.why = undefined;
    loop.settle();
    expect(answering(loop)).toEqual(['stable 3.2.0']);
    expect(loop.memory.services.app?.refused).toBeUndefined();
    expect(loop.memory.services.app?.failed).toBeUndefined();
  });

  test('whose creation fails for what may pass is tried for as long as that takes', () => {
    const broken = { why: new Error('no space left on device') as Error | undefined };
    const loop = new ModelLoop(stack([service()]), { beforeStep: failsToCreate('3.2.0', broken) });
    loop.settle();
    loop.stack = stack([version('3.2.0')]);
    const from = loop.world.now;
    while (loop.world.now - from < 20_000) loop.tick();
    expect(loop.memory.services.app?.failed).toBeUndefined();
    expect(loop.memory.services.app?.refused).toBeUndefined();
    broken.why = undefined;
    loop.settle();
    expect(answering(loop)).toEqual(['stable 3.2.0']);
  });

  test('that the engine refuses to create anew, and that served before, is healed when it can be', () => {
    const broken = { why: undefined as Error | undefined };
    const loop = new ModelLoop(stack([version('3.2.0')]), { beforeStep: failsToCreate('3.2.0', broken) });
    loop.settle();
    broken.why = new CreationRefused('no such plugin');
    loop.world.remove(loop.world.containers.find(({ version: its }) => its === '3.2.0')?.id ?? '');
    const from = loop.world.now;
    while (loop.world.now - from < 20_000) loop.tick();
    expect(loop.memory.services.app?.failed).toBeUndefined();
    expect(creations(loop, from).length).toBeLessThan(8);
    broken.why = undefined;
    loop.settle();
    expect(answering(loop)).toEqual(['stable 3.2.0']);
  });

  test('whose refused creation a controller remembers that died meanwhile fails at the same time', () => {
    const broken = { why: new CreationRefused('No command specified') as Error | undefined };
    const loop = new ModelLoop(stack([service()]), { beforeStep: failsToCreate('3.2.0', broken) });
    loop.settle();
    loop.stack = stack([version('3.2.0')]);
    const from = loop.world.now;
    while (loop.world.now - from < 3000) loop.tick();
    loop.retries = new RetryBook();
    loop.memory = JSON.parse(JSON.stringify(loop.memory)) as StackMemory;
    loop.rest();
    expect(Date.parse(loop.memory.services.app?.failed?.at ?? '') - from).toBeLessThan(6000);
  });

  test('that says nothing of what to run, nor does its image, is told to set command', () => {
    const broken = { why: new CreationRefused('No command specified') as Error | undefined };
    const loop = new ModelLoop(stack([]), { beforeStep: failsToCreate('3.2.0', broken) });
    const said = loop.world.registry.get('root:1');
    loop.world.registry.set('bare:1', {
      id: 'bare',
      user: '',
      env: {},
      ...said,
      command: [],
      entrypoint: [],
    });
    loop.stack = stack([version('3.2.0', { container: { image: 'bare:1' } })]);
    loop.rest();
    expect(loop.memory.services.app?.failed?.message).toBe(
      'app 3.2.0: the engine refuses to create its container: No command specified; its image says nothing of what to run: set command',
    );
  });

  test('whose start is denied has not failed', () => {
    const loop = stable();
    loop.stack = stack([version('3.2.0')]);
    loop.allow = (_gate, step) => step.kind !== 'startContainer';
    loop.rest();
    expect(loop.memory.services.app?.failed).toBeUndefined();
  });

  test('whose volume is closed to the user that we chose says so', () => {
    const loop = stable();
    const mounts = [{ type: 'volume', source: 'data', target: '/data', readOnly: false }] as const;
    loop.stack = stack([
      version('3.1.0-crash', { container: { image: 'root:1', restartPolicy: 'no', mounts } }),
    ]);
    loop.rest();
    expect(loop.memory.services.app?.failed?.message).toContain(
      'ran it as 10001:10001 without capabilities, who may not write to a new volume: if its log says',
    );
  });

  test('whose volume is closed to the user that the manifest chose says so', () => {
    const loop = stable();
    const mounts = [{ type: 'volume', source: 'data', target: '/data', readOnly: false }] as const;
    const security = { user: '1234', capAdd: [], readOnly: false, tmpfs: [] };
    loop.stack = stack([version('3.1.0-crash', { container: { restartPolicy: 'no', mounts, security } })]);
    loop.rest();
    expect(loop.memory.services.app?.failed?.message).toContain(
      '; it runs as 1234, who may not write to a new volume',
    );
  });

  test.each([
    ['by the kernel, for its memory', { oomKilled: true, exitCode: 137 }],
    ['by a signal', { oomKilled: false, exitCode: 139 }],
  ])('that was killed %s is told nothing of its user', (_how, end) => {
    const message = failureOfRoot(end);
    expect(message).toContain('3.1.0-crash');
    expect(message).not.toContain('wants root');
  });

  test('that ends as a job does is told that a service keeps running', () => {
    expect(failureOfRoot({ oomKilled: false, exitCode: 0 })).toBe(
      'app 3.1.0-crash: it is stopped (exit code 0); a service has to keep running: a job that ends is not supported',
    );
  });

  test.each([128, 160, 200, 255])('that ended itself with %i is told of its user', (exitCode) => {
    expect(failureOfRoot({ oomKilled: false, exitCode })).toContain('wants root');
  });

  test.each([
    ['exec /app: exec format error', /another processor architecture, or no program$/],
    ['listen tcp 192.0.2.1:80: bind: cannot assign requested address', /\(exit code 1\)$/],
    ['mkdir /data/x: permission denied', /set user: "0:0" or cap_add$/],
    ['open /etc/app.conf: read-only file system', /set user: "0:0" or cap_add$/],
    ['', /set user: "0:0" or cap_add$/],
  ])('whose last words are "%s" is told what they speak of', (lastWords, hint) => {
    expect(failureOfRoot({ oomKilled: false, exitCode: 1, lastWords })).toMatch(hint);
  });

  test('that dies of what root may not do without capabilities is told of it, though the manifest chose its user', () => {
    const security = { user: '0:0', capAdd: [], readOnly: false, tmpfs: [] };
    const end = { exitCode: 1, oomKilled: false, lastWords: 'chown: changing ownership: not permitted' };
    expect(failureOfRoot(end, security)).toContain('; it runs as 0:0 without CHOWN, which cap_drop: ALL');
  });

  test('is forgotten when the spec changes, and what is left of it leaves', () => {
    const loop = stable();
    loop.stack = stack([version('3.0.0-sick')]);
    loop.rest();
    loop.stack = stack([version('3.0.1')]);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - removeContainer shop-app-stable-84021894-1: it is left of a version that failed and is to be tried anew (remove)
      2
      - createContainer shop-app-stable-0cd67704-1: version changed from 1.0.0 to 3.0.1 (replace)
      3
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-stable-0cd67704-1: version changed from 1.0.0 to 3.0.1 (replace)
      4
      - shiftTraffic app: stable 100 % (1) → stable 100 % (2) (replace)
      5
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      6
      - shiftTraffic app: stable 100 % (2) → stable 100 % (1) (replace)
      7
      - stopContainer shop-app-stable-f9122c6e-1: superseded by stable 3.0.1 (remove)
        removeContainer shop-app-stable-f9122c6e-1: superseded by stable 3.0.1 (remove)"
    `);
    expect(loop.memory.services.app?.failed).toBeUndefined();
    expect(answering(loop)).toEqual(['stable 3.0.1']);
  });

  test('leaves when the manifest goes back', () => {
    const loop = stable();
    loop.stack = stack([version('3.0.0-sick')]);
    loop.rest();
    loop.stack = STABLE;
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - removeContainer shop-app-stable-84021894-1: it is left of a version that failed and is to be tried anew (remove)
      - removeContainer shop-app-stable-84021894-1: superseded by stable 1.0.0 (remove)"
    `);
  });
});

/** The engine creates this version when it has nothing to say against it. */
function failsToCreate(of: string, broken: { readonly why: Error | undefined }) {
  return (step: Step): void => {
    const isIt = step.kind === 'createContainer' && step.gate?.service?.version === of;
    if (isIt && broken.why !== undefined) throw broken.why;
  };
}

/** Tries since then, of the first replica. */
function creations({ ticks }: ModelLoop, since: number): readonly Step[] {
  return ticks
    .filter(({ now }) => now >= since)
    .flatMap(({ results }) => results.map(({ step }) => step))
    .filter(({ kind, target }) => kind === 'createContainer' && target.endsWith('-1'));
}

/** The engine starts this version when it has nothing to say against it. */
function failsToStart(of: string, broken: { readonly startError: string }) {
  return ({ kind, target }: Step, world: ModelWorld): void => {
    const it = world.find(target);
    if (kind !== 'startContainer' || it?.version !== of || broken.startError === '') return;
    world.change(it.id, broken);
    throw new Error(broken.startError);
  };
}

/** The message of a version whose image wants root, and that ends so. */
function failureOfRoot(
  end: ContainerEnd & Pick<ObservedContainer, 'lastWords'>,
  security = service().container.security,
): string {
  const loop = stable();
  const container = { image: 'root:1', restartPolicy: 'no', security } as const;
  loop.stack = stack([version('3.1.0-crash', { container })]);
  for (let tick = 0; tick < 100 && loop.memory.services.app?.failed === undefined; tick += 1) {
    for (const container of loop.world.containers)
      if (container.exitCode === 1) Object.assign(container, end);
    loop.tick();
  }
  return loop.memory.services.app?.failed?.message ?? '';
}

function states({ world }: ModelLoop): string[] {
  return world.containers
    .filter(({ role }) => role === 'service')
    .map(({ name, state }) => `${name} ${state}`);
}

describe('draining', () => {
  test('an old replica stays as long as a worker may still use it', () => {
    const loop = new ModelLoop(STABLE, { finishMs: 3000 });
    loop.settle();
    loop.stack = stack([version('2.0.0')]);
    const ticks = loop.settle();
    const shifted = ticks.findLastIndex(({ plan }) => kinds(plan.chains).includes('shiftTraffic'));
    const stopped = ticks.findIndex(({ plan }) => kinds(plan.chains).includes('stopContainer'));
    expect(stopped - shifted).toBeGreaterThan(5);
    expect(story(ticks.slice(stopped))).toMatchInlineSnapshot(`
      "1
      - stopContainer shop-app-stable-f9122c6e-1: superseded by stable 2.0.0 (remove)
        removeContainer shop-app-stable-f9122c6e-1: superseded by stable 2.0.0 (remove)"
    `);
  });
});

function kinds(chains: readonly (readonly { kind: string }[])[]): string[] {
  return chains.flat().map(({ kind }) => kind);
}

describe('memory lost', () => {
  test('costs nothing where the manifest is what runs', () => {
    const loop = stable();
    loop.memory = { services: {}, applied: [] };
    expect(story(loop.settle())).toMatchInlineSnapshot(`""`);
    expect(loop.memory.services.app?.stable).toEqual(service());
  });

  test('in the middle of a canary starts no traffic anew', () => {
    const loop = canary();
    loop.memory = { services: {}, applied: [] };
    expect(story(loop.settle())).toMatchInlineSnapshot(`""`);
    expect(answering(loop)).toEqual(['canary 2.0.0']);
  });
});

test('versions that are edited away before they serve do not pile up', () => {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  const up = () =>
    loop.world.containers.filter(({ role, state }) => role === 'service' && state === 'running');
  for (let edit = 2; edit < 12; edit += 1) {
    loop.stack = stack([version(`${String(edit)}.0.0-sick`)]);
    for (let tick = 0; tick < 4; tick += 1) loop.tick();
    expect(up().length).toBeLessThanOrEqual(3);
  }
  expect(shares(loop)).toEqual(['stable 1.0.0 100']);
});
