import { describe, expect, test } from 'vitest';
import { verdictAfter } from '../../../src/cli/loop/verdict.js';
import { setConditions } from '../../../src/controller/conditions.js';
import { conditionsOf } from '../../../src/reconcilers/report/conditions-of.js';
import { isAnythingUnderWay } from '../../../src/reconcilers/report/under-way.js';
import { outcomeOf } from '../../../src/reconcilers/tick-outcome.js';
import { ModelLoop, type Tick } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

const WEB = { name: 'web', route: { path: '/web' } };
const MANY = 2000;

function settled(): ModelLoop {
  const loop = new ModelLoop(stack([service(), service(WEB)]));
  loop.settle();
  return loop;
}

/** As `run --once` ends: with the first verdict. */
function once(loop: ModelLoop, isValid = true): number {
  for (let tick = 0; tick < MANY; tick += 1) {
    const code = verdict(loop, loop.tick(), isValid);
    if (code !== undefined) return code;
  }
  throw new Error('it does not end');
}

function verdict({ stack: wanted }: ModelLoop, { now, world, plan, results }: Tick, isValid: boolean) {
  const problems = isValid ? [] : ['manifest.yaml:1:1 services is required'];
  const denials = results.flatMap(({ kind, step }) => (kind === 'denied' ? [step.cause] : []));
  const manifest = { path: '/srv/manifest.yaml', valid: isValid, problems, warnings: [] };
  const result = { now, world, plan, results, findings: plan.findings, stack: wanted, manifest };
  const told = {
    generation: 1,
    stackGeneration: 1,
    drifts: [],
    isOverrideRefused: false,
    overrides: [],
    warnings: [],
    denials,
    unstable: [],
  };
  const conditions = setConditions([], conditionsOf({ ...result, ...told }), {
    generation: 1,
    now: '2026-05-05T20:00:00.000Z',
  });
  return verdictAfter(outcomeOf({ ...result, streak: 0 }), conditions);
}

/** The versions that run, `name version`. */
function running({ world }: ModelLoop): readonly string[] {
  return world.containers
    .filter(({ role, state }) => role === 'service' && state === 'running')
    .map(({ service: name = '', version: runs = '' }) => `${name} ${runs}`)
    .sort();
}

function denying(name: string): ModelLoop['allow'] {
  return ({ service: asked }) => asked?.name !== name;
}

describe('one part waits for a person: the rest is not left half way', () => {
  test('both were to change their places, and one is sick: the other waits with it', () => {
    const loop = settled();
    loop.stack = stack([
      version('2.0.0-sick', { route: { path: '/web' } }),
      version('2.0.0', { name: 'web', route: { path: '/' } }),
    ]);
    expect(once(loop)).toBe(1);
    expect(loop.plan().services.map(({ spec, converged }) => [spec.name, converged])).toEqual([
      ['app', false],
      ['web', false],
    ]);
  });

  test('the other service was denied', () => {
    const loop = settled();
    loop.allow = denying('app');
    loop.stack = stack([version('2.0.0'), version('2.0.0', WEB)]);
    expect(once(loop)).toBe(2);
    expect(running(loop)).toEqual(['app 1.0.0', 'web 2.0.0']);
  });

  test('the image of the other is missing', () => {
    const loop = settled();
    const missing = version('2.0.0', { container: { image: 'nowhere:1' }, pull: 'never' });
    loop.stack = stack([missing, version('2.0.0', WEB)]);
    expect(once(loop)).toBe(1);
    expect(running(loop)).toEqual(['app 1.0.0', 'web 2.0.0']);
  });

  test('an image that is still being pulled is waited for, and one that cannot be had is not', () => {
    const loop = settled();
    loop.stack = stack([
      version('2.0.0', { container: { image: 'nowhere:1' }, pull: 'never' }),
      service(WEB),
    ]);
    const tick = loop.tick();
    expect(isAnythingUnderWay({ ...tick, findings: [] })).toBe(true);
    expect(isAnythingUnderWay({ ...tick, findings: tick.plan.findings })).toBe(false);
  });

  test('another service leaves', () => {
    const loop = settled();
    loop.allow = denying('app');
    loop.stack = stack([version('2.0.0')]);
    expect(once(loop)).toBe(2);
    expect(running(loop)).toEqual(['app 1.0.0']);
  });

  test('nobody has said yet how the others are', () => {
    const loop = settled();
    loop.allow = denying('app');
    loop.stack = stack([version('2.0.0'), service(WEB)]);
    const tick = loop.tick();
    expect(verdict(loop, tick, true)).toBe(2);
    const unheard = { ...tick, world: { ...tick.world, health: new Map() } };
    expect(verdict(loop, unheard, true)).toBeUndefined();
  });

  test('the manifest is not valid: drift is healed first', () => {
    const loop = settled();
    for (const { id, role } of loop.world.containers) if (role === 'service') loop.world.remove(id);
    loop.world.passes(10);
    expect(once(loop, false)).toBe(3);
    expect(running(loop)).toEqual(['app 1.0.0', 'web 1.0.0']);
    expect(loop.plan().converged).toBe(true);
  });
});

test('what the policies of before denied is not left to the timer while others take over', () => {
  const loop = settled();
  const other = { ...loop.policy, revision: 'a'.repeat(64), digest: 'b'.repeat(64) };
  const deciderIsNew = () => loop.world.find(loop.decider ?? '')?.specHash === other.digest;
  loop.allow = ({ question }) => question !== 'heal' || deciderIsNew();
  for (const { id, service: name } of loop.world.containers) if (name === 'app') loop.world.end(id, 1);
  loop.tick();
  loop.policy = other;
  const kinds: string[] = [];
  for (let tick = 0; tick < MANY && !running(loop).includes('app 1.0.0'); tick += 1)
    kinds.push(outcomeOf({ ...loop.tick(), stack: loop.stack, findings: [], streak: 0 }).kind);
  expect(running(loop)).toContain('app 1.0.0');
  expect(kinds).not.toContain('stalled');
});

test('a no of the policies of before is no end while others are on trial', () => {
  const loop = settled();
  loop.allow = ({ question }) => question !== 'heal';
  for (const { id, service: name } of loop.world.containers) if (name === 'app') loop.world.end(id, 1);
  expect(once(loop)).toBe(2);
  loop.policiesOnTrial = true;
  const tick = loop.tick();
  expect(tick.results.map(({ kind }) => kind)).toContain('denied');
  expect(verdict(loop, tick, true)).toBeUndefined();
  loop.policiesOnTrial = false;
  expect(once(loop)).toBe(2);
});

describe('nobody is waited for who cannot come', () => {
  test.each([
    ['everything is denied', () => false],
    ['one service is denied, and leaving too', denying('web')],
  ])('%s', (_what, allow) => {
    const loop = settled();
    loop.allow = allow;
    loop.stack = stack([version('2.0.0', { name: 'app' })]);
    expect(once(loop)).toBe(2);
  });

  test('the network is not ours', () => {
    const loop = new ModelLoop(stack([service()]));
    loop.world.networks = [{ id: 'theirs', name: loop.stack.network.name, driver: 'bridge', mine: false }];
    expect(once(loop)).toBe(1);
  });
});
