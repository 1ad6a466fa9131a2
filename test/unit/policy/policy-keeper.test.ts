import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TEST_TIMEOUT_CODE, type PolicyProblem } from '../../../src/reconcilers/policy/check-policies.js';
import { PolicyKeeper } from '../../../src/reconcilers/policy/policy-keeper.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

const SLOW: PolicyProblem = { code: TEST_TIMEOUT_CODE, message: 'x_test.test_slow' };
const WRONG: PolicyProblem = { code: 'test_failed', message: 'x_test.test_bad' };

/** A keeper of one policy whose checks end as told, one after the other. */
async function keeperWith(...checks: readonly (readonly PolicyProblem[])[]) {
  const home = await temporaryDirectory();
  const dir = join(home, 'policies');
  await mkdir(join(dir, 'x'), { recursive: true });
  await writeFile(join(dir, 'x', 'x.rego'), 'package swiftdeploy.x\n\ndecision := {"allow": true}\n');
  let checked = 0;
  const check = () => Promise.resolve(checks[checked++]);
  const keeper = new PolicyKeeper({ dir, stateDir: join(home, 'state'), check });
  return { keeper, count: () => checked };
}

test('a set whose tests ran out of time is tried again at the next look', async () => {
  const { keeper } = await keeperWith([SLOW], []);
  const first = await keeper.look();
  expect(first).toMatchObject({ problem: { reason: 'CheckFailed' } });
  expect(first).not.toHaveProperty('change');
  expect(await keeper.look()).toMatchObject({ change: { event: 'policy_changed' } });
});

test('a set that failed is refused once, and not tried again until it changes', async () => {
  const { keeper, count } = await keeperWith([WRONG], []);
  expect(await keeper.look()).toMatchObject({ change: { event: 'policy_rejected' } });
  expect(await keeper.look()).toMatchObject({ problem: { reason: 'PoliciesRejected' } });
  expect(count()).toBe(1);
});
