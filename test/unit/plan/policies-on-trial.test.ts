/** What is planned while newer policies are checked: the stack stays as it was, what is new waits for them. */
import { expect, test } from 'vitest';
import { formatPlan } from '../../../src/reconcilers/plan/format-plan.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

function onTrial(): ModelLoop {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  loop.policiesOnTrial = true;
  return loop;
}

test('a settled stack does nothing, and is not settled', () => {
  const plan = onTrial().plan();
  expect(plan.chains).toEqual([]);
  expect(plan.converged).toBe(false);
});

test('a replica that is gone is healed', () => {
  const loop = onTrial();
  const replica = loop.world.containers.find(({ role }) => role === 'service');
  loop.world.remove(replica?.id ?? '');
  loop.world.passes(10);
  expect(formatPlan(loop.plan().chains)).toContain('createContainer');
});

test('a new version waits, and comes when they have passed', () => {
  const loop = onTrial();
  loop.stack = stack([service(version('2.0.0'))]);
  expect(loop.plan().chains).toEqual([]);
  loop.policiesOnTrial = false;
  expect(formatPlan(loop.plan().chains)).toContain('createContainer');
});

test('the engine that decides until then is healed itself', () => {
  const loop = onTrial();
  const engine = loop.world.containers.find(({ role }) => role === 'policy');
  loop.world.remove(engine?.id ?? '');
  loop.world.passes(10);
  expect(formatPlan(loop.plan().chains)).toContain(`createContainer ${engine?.name ?? ''}`);
});
