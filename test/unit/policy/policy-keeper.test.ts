import { appendFile, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TEST_TIMEOUT_CODE, type PolicyProblem } from '../../../src/reconcilers/policy/check-policies.js';
import { PolicyKeeper } from '../../../src/reconcilers/policy/policy-keeper.js';
import { PolicyArchive } from '../../../src/reconcilers/policy/policy-archive.js';
import { policySetOf, type PolicySet } from '../../../src/reconcilers/policy/policy-set.js';
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
  const check = () => {
    const problems = checks[checked++];
    return Promise.resolve(problems === undefined ? undefined : { problems, warnings: [] });
  };
  const archive = new PolicyArchive(join(home, 'state'));
  const keeper = new PolicyKeeper({ archive, check });
  return { keeper, archive, home, dir, count: () => checked };
}

test('a set whose tests ran out of time is tried again at the next look', async () => {
  const { keeper, dir } = await keeperWith([SLOW], []);
  const first = await keeper.look(dir);
  expect(first).toMatchObject({ problem: { reason: 'CheckFailed' } });
  expect(first).not.toHaveProperty('change');
  expect(await keeper.look(dir)).toMatchObject({ change: { event: 'policy_changed' } });
});

test('a set that failed because it was being written is not refused: the whole one is tried', async () => {
  const { dir, home } = await keeperWith([]);
  const path = join(dir, 'x/x.rego');
  const whole = await readFile(path, 'utf8');
  await writeFile(path, whole.slice(0, 10));
  const check = async () => {
    const problems = (await readFile(path, 'utf8')) === whole ? [] : [WRONG];
    await writeFile(path, whole);
    return { problems, warnings: [] };
  };
  const keeper = new PolicyKeeper({ archive: new PolicyArchive(join(home, 'other')), check });
  expect(await keeper.look(dir)).toEqual({});
  expect(await keeper.look(dir)).toMatchObject({ change: { event: 'policy_changed' } });
});

test('a set that failed is refused once, and not tried again until it changes', async () => {
  const { keeper, count, dir } = await keeperWith([WRONG], []);
  expect(await keeper.look(dir)).toMatchObject({ change: { event: 'policy_rejected' } });
  expect(await keeper.look(dir)).toMatchObject({ problem: { reason: 'PoliciesRejected' } });
  expect(count()).toBe(1);
});

test('the last good set is there after a restart, with what was said of it, and is not tried again', async () => {
  const { keeper, home, dir } = await keeperWith([]);
  const { active } = await keeper.look(dir);
  const archive = new PolicyArchive(join(home, 'state'));
  await archive.keep(active as PolicySet, ['a hole']);
  const next = new PolicyKeeper({ archive, check: () => Promise.reject(new Error('tried')) });
  await next.restore(active?.revision);
  expect(await next.look(dir)).toEqual({ active, warnings: ['a hole'] });
});

describe('kept sets', () => {
  const setOf = (text: string) =>
    policySetOf([{ path: 'x/x.rego', content: Buffer.from(`package swiftdeploy.x\n\n# ${text}\n`) }]);
  const state = async () => {
    const home = await temporaryDirectory();
    return { home, archive: new PolicyArchive(home), again: () => new PolicyArchive(home) };
  };

  test.each([
    ['changed', (path: string) => appendFile(path, 'allow := true')],
    ['cut off', (path: string) => writeFile(path, '')],
    ['removed', (path: string) => rm(path)],
  ])('one that was %s is never given out', async (_how, damage) => {
    const { home, archive, again } = await state();
    const set = setOf('good');
    await archive.keep(set, []);
    expect(await again().find(set.revision)).toEqual(set);
    await damage(join(home, 'policies', set.revision, 'x', 'x.rego'));
    expect(await again().find(set.revision)).toBeUndefined();
  });

  test('what is no revision is no path', async () => {
    const { again } = await state();
    expect(await again().find('../../etc')).toBeUndefined();
  });

  test('the newest ten stay', async () => {
    const { home, archive, again } = await state();
    const sets = Array.from({ length: 13 }, (_, index) => setOf(String(index)));
    for (const [index, set] of sets.entries()) {
      await archive.keep(set, ['told']);
      const at = new Date(Date.UTC(2026, 0, 1 + index));
      await utimes(join(home, 'policies', set.revision), at, at);
    }
    const found = await Promise.all(sets.map(({ revision }) => again().find(revision)));
    expect(found.map((set) => set !== undefined)).toEqual(sets.map((_, index) => index >= 3));
    expect((await readdir(join(home, 'policies'))).length).toBe(20);
  });
});
