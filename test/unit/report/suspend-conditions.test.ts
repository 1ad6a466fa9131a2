import { describe, expect, test } from 'vitest';
import { planSuspended } from '../../../src/reconcilers/plan/suspended.js';
import type { Suspend } from '../../../src/reconcilers/plan/suspension.js';
import { conditionsOf } from '../../../src/reconcilers/report/conditions-of.js';
import { verdictOf } from '../../../src/cli/loop/verdict.js';
import { setConditions } from '../../../src/controller/conditions.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack } from '../../support/model/stacks.js';

const SINCE = '2026-05-05T20:00:00.000Z';
const PERSON: Suspend = { by: 'person', who: 'ana@host', why: 'INC-42', since: SINCE };
const APP: Suspend = { by: 'manifest', service: 'app', since: SINCE };

function settled(): ModelLoop {
  const loop = new ModelLoop(stack([service(), service({ name: 'web', route: { path: '/web' } })]));
  loop.settle();
  return loop;
}

function stop(loop: ModelLoop, name: string): void {
  const id = loop.world.containers.find((container) => container.service === name)?.id ?? '';
  loop.world.change(id, { state: 'exited', exitCode: 0 });
  loop.world.passes(10);
}

/** As they would be told after a tick in which nothing was applied. */
function conditions(loop: ModelLoop, suspends: readonly Suspend[], denials: readonly string[] = []) {
  const input = loop.input();
  const plan = planSuspended(input, suspends);
  const manifest = { path: '/srv/manifest.yaml', valid: true, problems: [], warnings: [] };
  const none = {
    results: [],
    drifts: [],
    isOverrideRefused: false,
    overrides: [],
    warnings: [],
    unstable: [],
  };
  const { now, world } = input;
  const facts = { now, world, plan, manifest, generation: 1, stackGeneration: 1, stack: loop.stack };
  const inputs = conditionsOf({ ...facts, ...none, findings: plan.findings, denials });
  return setConditions([], inputs, { generation: 1, now: SINCE });
}

function told(all: ReturnType<typeof conditions>, ...types: readonly string[]): readonly string[] {
  return all
    .filter(({ type }) => types.includes(type))
    .map(({ type, status, reason }) => `${type}=${status} ${reason}`);
}

const CORE = ['Ready', 'Reconciling', 'Stalled', 'Suspended'];

describe('conditions while something is suspended', () => {
  test('where the world agrees, the stack is ready, and suspended', () => {
    const all = conditions(settled(), [PERSON]);
    expect(told(all, ...CORE)).toEqual([
      'Ready=True Settled',
      'Reconciling=False Settled',
      'Stalled=False NotStalled',
      'Suspended=True ByPerson',
    ]);
    expect(all.find(({ type }) => type === 'Suspended')?.message).toBe(
      `the stack is suspended by ana@host since ${SINCE}: "INC-42"`,
    );
  });

  test('where something is to be done, nothing but the suspend is in its way; a command ends with 1', () => {
    const loop = settled();
    stop(loop, 'app');
    const all = conditions(loop, [PERSON]);
    expect(told(all, ...CORE)).toEqual([
      'Ready=False Suspended',
      'Reconciling=False Suspended',
      'Stalled=True Suspended',
      'Suspended=True ByPerson',
    ]);
    expect(all.find(({ type }) => type === 'Stalled')?.message).toMatch(
      /not done: startContainer shop-app-stable-.* \(.*\); to go on, run "swiftdeploy resume"$/,
    );
    expect(verdictOf(all)).toBe(1);
  });

  test('an old denial of what is suspended is not what stands in the way', () => {
    const loop = settled();
    stop(loop, 'app');
    expect(told(conditions(loop, [PERSON], ['heal app: no']), 'Stalled')).toEqual(['Stalled=True Suspended']);
  });

  test('a neighbour that is on its way goes on first', () => {
    const loop = settled();
    stop(loop, 'app');
    stop(loop, 'web');
    const all = conditions(loop, [APP]);
    expect(told(all, ...CORE)).toEqual([
      'Ready=False Progressing',
      'Reconciling=True Progressing',
      'Stalled=False NotStalled',
      'Suspended=True ByManifest',
    ]);
    expect(verdictOf(all)).toBeUndefined();
  });

  test('nothing is suspended: the condition is absent', () => {
    expect(told(conditions(settled(), []), 'Suspended')).toEqual([]);
  });
});
