/** PolicyReady names the policies that decide now, not those that people saved. */
import { expect, test } from 'vitest';
import { ModelLoop } from '../../support/model/model-loop.js';
import { ModelReport } from '../../support/model/model-report.js';
import { service, stack } from '../../support/model/stacks.js';

const OLD = 'f'.repeat(12);
const NEW = 'a'.repeat(12);

test('while new policies take over, it says who decides until then', async () => {
  const loop = new ModelLoop(stack([service()]));
  const told = new ModelReport(loop);
  await told.settle();
  loop.policy = { ...loop.policy, revision: 'a'.repeat(64), digest: 'b'.repeat(64) };
  const said: string[] = [];
  for (let tick = 0; tick < 12; tick += 1) {
    await told.tick();
    said.push(told.conditions('PolicyReady'));
  }
  expect([...new Set(said)]).toEqual([
    `PolicyReady=False Activating: policy revision ${OLD} decides until the engine of revision ${NEW}, which passed its check, answers`,
    `PolicyReady=True Answering: policy revision ${NEW} decides`,
  ]);
});

test('while new policies are checked, it says so, and who decides until then', async () => {
  const loop = new ModelLoop(stack([service()]));
  const told = new ModelReport(loop);
  await told.settle();
  const active = { revision: loop.policy.revision, files: [], domains: [] };
  told.next = { policy: { active, onTrial: 'a'.repeat(64) } };
  await told.tick();
  expect(told.conditions('PolicyReady')).toBe(
    `PolicyReady=False Checking: policy revision ${OLD} decides while revision ${NEW} is checked`,
  );
});

test('what the policies let through is a warning, not a fault', async () => {
  const loop = new ModelLoop(stack([service()]));
  const told = new ModelReport(loop);
  const active = { revision: loop.policy.revision, files: [], domains: [] };
  told.next = { policy: { active, warnings: ['x allows deploy when disk_free_gb is a text'] } };
  await told.settle();
  expect(told.conditions('PolicyReady')).toBe(
    `PolicyReady=True AnsweringWithWarnings: policy revision ${OLD} decides; x allows deploy when disk_free_gb is a text`,
  );
});
