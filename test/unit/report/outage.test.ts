/** What is told while a part is brought back: by whom, once, and not as healed before it answers. */
import { expect, test } from 'vitest';
import { ModelLoop } from '../../support/model/model-loop.js';
import { ModelReport } from '../../support/model/model-report.js';
import { service, stack } from '../../support/model/stacks.js';

async function settled() {
  const loop = new ModelLoop(stack([service({ replicas: 2 })]));
  const told = new ModelReport(loop);
  await told.settle();
  told.events.length = 0;
  const part = (role: string) => {
    const found = loop.world.containers.find((container) => container.role === role);
    if (found === undefined) throw new Error(`no ${role}`);
    return found;
  };
  return { loop, told, part };
}

function named({ events }: ModelReport, name: string): readonly unknown[] {
  return events.filter(({ event }) => event === name).map(({ kind, target }) => kind ?? target);
}

test('a policy engine that is made again is not healed before it answers', async () => {
  const { loop, told, part } = await settled();
  loop.world.remove(part('policy').id);
  while (loop.world.containers.every(({ role, state }) => role !== 'policy' || state !== 'running'))
    await told.tick();
  await told.tick();
  expect(loop.decider).toBeUndefined();
  expect([named(told, 'drift_detected'), named(told, 'drift_healed')]).toEqual([['removed'], []]);
  await told.run(1000);
  expect(named(told, 'drift_healed')).toEqual(['removed']);
});

test('what nobody could be asked is denied once, however often a policy engine is tried', async () => {
  const { loop, told, part } = await settled();
  const replica = part('service');
  loop.silent = true;
  loop.world.change(replica.id, { state: 'paused' });
  await told.run(1000);
  expect(named(told, 'policy_denied')).toContain(replica.name);
  told.events.length = 0;
  for (let round = 0; round < 3; round += 1) {
    loop.world.remove(part('policy').id);
    await told.run(1000);
  }
  expect(named(told, 'policy_denied')).toEqual([]);
  loop.silent = false;
  await told.settle();
});

test('how a container stands while a step of ours is under way is no drift', async () => {
  const { loop, told, part } = await settled();
  const { id, name } = part('service');
  loop.world.end(id);
  const busy = new Set([name]);
  await told.tick({ busy });
  expect(named(told, 'drift_detected')).toEqual([]);
});

test('and a drift that it heals is healed when it has ended', async () => {
  const { loop, told, part } = await settled();
  const { id, name } = part('service');
  loop.world.end(id);
  await told.tick();
  expect(named(told, 'drift_detected')).toEqual(['stopped']);
  const busy = new Set([name]);
  while (named(told, 'drift_healed').length === 0 && loop.ticks.length < 40) await told.tick({ busy });
  expect(named(told, 'drift_healed')).toEqual([]);
  await told.settle();
  expect(named(told, 'drift_healed')).toEqual(['stopped']);
});

test('what leaves the manifest while it is down is not said to be healed', async () => {
  const { loop, told } = await settled();
  const job = service({ name: 'job', noHealth: true, noRoute: true });
  loop.stack = stack([...loop.stack.services, job]);
  await told.settle();
  loop.allow = (_gate, step) => step.kind !== 'startContainer';
  loop.world.end(loop.world.containers.find(({ service: of }) => of === 'job')?.id ?? '');
  await told.tick();
  loop.stack = stack([service({ replicas: 2 })]);
  await told.settle();
  expect([named(told, 'drift_detected'), named(told, 'drift_healed')]).toEqual([['stopped'], []]);
  expect(loop.world.containers.some(({ service: of }) => of === 'job')).toBe(false);
});
