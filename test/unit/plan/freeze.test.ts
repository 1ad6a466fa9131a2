/** Policies that forbid what is new and allow what heals: an edit of the manifest is the one, a lost replica the other. */
import { expect, test } from 'vitest';
import type { ServiceSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import type { StepGate } from '../../../src/reconcilers/plan/steps.js';
import { shares } from '../../support/model/describe.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

function settled(...specs: readonly ServiceSpec[]): ModelLoop {
  const loop = new ModelLoop(stack(specs.slice(0, 1)));
  for (const spec of specs) {
    loop.stack = stack([spec]);
    loop.settle();
  }
  return loop;
}

function frozen({ question }: StepGate): boolean {
  return ['heal', 'remove', 'rollback'].includes(question);
}

function edit(loop: ModelLoop, spec: ServiceSpec): void {
  loop.stack = stack([spec]);
  loop.rest();
}

function lose({ world }: ModelLoop, lost: number): void {
  for (const { role, replica, id } of world.containers)
    if (role === 'service' && replica === lost) world.remove(id);
}

function numbers({ world }: ModelLoop): readonly number[] {
  return world.containers.flatMap(({ role, replica }) => (role === 'service' ? [replica ?? 0] : [])).sort();
}

const HELD = { steps: [{ kind: 'share', weight: 50, holdMs: 600_000 }], replicas: 1 } as const;
const BLOCK = { ...HELD, sticky: 'off', warmupMs: 0, deadlineMs: 60_000 } as const;

test('no replica comes by an edit, and the one that is lost comes back', () => {
  const loop = settled(service());
  loop.allow = frozen;
  edit(loop, service({ replicas: 2 }));
  expect(numbers(loop)).toEqual([1]);
  lose(loop, 1);
  loop.rest();
  expect(shares(loop)).toEqual(['stable 1.0.0 100']);
});

test('no replica goes by an edit', () => {
  const loop = settled(service({ replicas: 3 }));
  loop.allow = frozen;
  edit(loop, service({ replicas: 1 }));
  expect(shares(loop)).toEqual(['stable 1.0.0+1.0.0+1.0.0 100']);
});

test('that begin in the middle of an edit keep a new replica from users, and let a lost one back to them', () => {
  const loop = settled(service());
  loop.allow = ({ question }, { kind }) => question !== 'replace' || kind !== 'shiftTraffic';
  edit(loop, service({ replicas: 2 }));
  expect(numbers(loop)).toEqual([1, 2]);
  expect(shares(loop)).toEqual(['stable 1.0.0 100']);
  loop.allow = frozen;
  lose(loop, 1);
  loop.rest();
  expect(shares(loop)).toEqual(['stable 1.0.0+1.0.0 100']);
});

test('a replica of stable that came beside a canary is healed like any other', () => {
  const canary = version('2.0.0', { mode: 'canary', canary: BLOCK });
  const loop = settled(service(), canary, { ...canary, replicas: 2 });
  loop.allow = frozen;
  lose(loop, 2);
  loop.rest();
  expect(shares(loop)).toEqual(['stable 1.0.0+1.0.0 50', 'canary 2.0.0 50']);
});

test('who gets the canary is not changed by an edit', () => {
  const canary = version('2.0.0', { mode: 'canary', canary: BLOCK });
  const loop = settled(service(), canary);
  loop.allow = frozen;
  edit(loop, { ...canary, canary: { ...BLOCK, sticky: 'cookie' } });
  expect(loop.world.observe(loop.stack).proxy.model?.routes[0]?.split?.sticky).toBe('off');
});

test('a replica that came by an edit before is healed', () => {
  const loop = settled(service(), service({ replicas: 2 }));
  loop.allow = frozen;
  lose(loop, 2);
  loop.rest();
  expect(shares(loop)).toEqual(['stable 1.0.0+1.0.0 100']);
});
