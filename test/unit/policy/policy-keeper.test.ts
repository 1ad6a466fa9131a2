import { appendFile, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  TEST_TIMEOUT_CODE,
  type PolicyCheck,
  type PolicyProblem,
} from '../../../src/reconcilers/policy/check-policies.js';
import { PolicyKeeper } from '../../../src/reconcilers/policy/policy-keeper.js';
import { PolicyArchive } from '../../../src/reconcilers/policy/policy-archive.js';
import { Closed } from '../../../src/reconcilers/policy/policy-trial.js';
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
  expect(await keeper.look(dir)).toMatchObject({ change: { event: 'policy_changed' } });
});

test('a set whose tests ran out of time is told once, with nobody who decides before the first good one', async () => {
  const { keeper, dir } = await keeperWith([SLOW], [SLOW], []);
  const { change } = await keeper.look(dir);
  expect(change).toMatchObject({ event: 'policy_rejected', nobody_decides: true });
  expect(change).not.toHaveProperty('revision');
  expect(await keeper.look(dir)).not.toHaveProperty('change');
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
  expect(await keeper.look(dir)).toEqual({ onTrial: expect.any(String) as string });
  expect(await keeper.look(dir)).toMatchObject({ change: { event: 'policy_changed' } });
});

test('a set that failed is refused once, and not tried again until it changes', async () => {
  const { keeper, count, dir } = await keeperWith([WRONG], []);
  expect(await keeper.look(dir)).toMatchObject({ change: { event: 'policy_rejected' } });
  expect(await keeper.look(dir)).toMatchObject({ problem: { reason: 'PoliciesRejected' } });
  expect(count()).toBe(1);
});

test('what decides goes on while the folder counts for nothing, and without any it counts', async () => {
  const { keeper, count, dir } = await keeperWith([], [WRONG]);
  expect(await keeper.hold(dir)).toMatchObject({ change: { event: 'policy_changed' } });
  await rm(dir, { recursive: true });
  const held = await keeper.hold(dir);
  expect([held.active === undefined, held.problem, count()]).toEqual([false, undefined, 1]);
});

test('closed while the first set is tried, it tries nothing more, and nobody goes on without policies', async () => {
  const { archive, dir } = await keeperWith();
  const begun = vi.fn();
  const check = (_set: PolicySet, signal: AbortSignal) =>
    new Promise<undefined>((_resolve, reject) => {
      begun();
      signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  const keeper = new PolicyKeeper({ archive, check });
  const looked = keeper.look(dir).catch((error: unknown) => error);
  await vi.waitFor(() => expect(begun).toHaveBeenCalled());
  expect(keeper.isFirstOnTrial).toBe(true);
  await keeper.close();
  expect(keeper.isFirstOnTrial).toBe(false);
  expect(await looked).toBeInstanceOf(Closed);
  await expect(keeper.look(dir)).rejects.toBeInstanceOf(Closed);
  expect(begun).toHaveBeenCalledTimes(1);
});

describe('a folder that cannot be read as a set', () => {
  const GATEKEEPER = 'kind: K8sRequiredLabels\n';
  const rejected = (text: string) => ({
    event: 'policy_rejected',
    problems: [expect.stringContaining(text) as string],
  });

  /** One policy that decides; a keeper whose pauses are as short as the test says. */
  async function decided(pause: () => Promise<unknown> = () => Promise.resolve()) {
    const { keeper: first, archive, dir } = await keeperWith([]);
    const { active } = await first.look(dir);
    const check = () => Promise.resolve({ problems: [], warnings: [] });
    const keeper = new PolicyKeeper({ archive, check, pause });
    await keeper.restore(active?.revision);
    return { active, dir, look: () => keeper.look(dir) };
  }

  test('because it was emptied leaves the last good set deciding', async () => {
    const { active, dir, look } = await decided();
    await rm(join(dir, 'x'), { recursive: true });
    expect(await look()).toMatchObject({
      active,
      problem: { reason: 'PoliciesUnreadable', message: expect.stringContaining('no domain') as string },
      change: rejected('no domain'),
    });
  });

  test('is refused once per change', async () => {
    const { active, dir, look } = await decided();
    const constraint = join(dir, 'x', 'constraint.yaml');
    await writeFile(constraint, GATEKEEPER);
    expect((await look()).change).toEqual(rejected('x/constraint.yaml: '));
    expect(await look()).not.toHaveProperty('change');
    await writeFile(join(dir, 'x', 'a.yaml'), GATEKEEPER);
    await rm(constraint);
    expect((await look()).change).toEqual(rejected('x/a.yaml: '));
    await rm(join(dir, 'x', 'a.yaml'));
    expect(await look()).toEqual({ active });
    await writeFile(join(dir, 'x', 'a.yaml'), GATEKEEPER);
    expect((await look()).change).toEqual(rejected('x/a.yaml: '));
  });

  test('because a save is half done is not refused: the whole one is looked at', async () => {
    let whole = '';
    const { active, dir, look } = await decided(() => writeFile(join(dir, 'x/x.rego'), whole));
    whole = await readFile(join(dir, 'x/x.rego'), 'utf8');
    await writeFile(join(dir, 'x/x.rego'), '');
    expect(await look()).toEqual({ active });
  });
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

describe('a set that comes after a good one', () => {
  /** A good set decides; how the next one's check ends, the test says. */
  async function keeperOnTrial() {
    const { archive, keeper: before, dir } = await keeperWith([]);
    const active = (await before.look(dir)).active as PolicySet;
    const checks: { set: PolicySet; signal: AbortSignal; end: (found: Promise<PolicyCheck>) => void }[] = [];
    let tried = 0;
    const keeper = new PolicyKeeper({
      archive,
      check: (set, signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('given up')));
          checks.push({ set, signal, end: resolve });
        }),
      onTried: () => (tried += 1),
    });
    await keeper.restore(active.revision);
    const path = join(dir, 'x/x.rego');
    const good = await readFile(path, 'utf8');
    await writeFile(path, `${good}# newer\n`);
    const ended = async (found: readonly PolicyProblem[] | Error) => {
      const told = tried + 1;
      await vi.waitFor(() => expect(checks.at(-1)?.signal.aborted).toBe(false));
      const result =
        found instanceof Error ? Promise.reject(found) : Promise.resolve({ problems: found, warnings: [] });
      checks.at(-1)?.end(result);
      await vi.waitFor(() => expect(tried).toBe(told));
    };
    const save = (comment: string) => writeFile(path, good + comment);
    return { keeper, active, checks, ended, save, look: () => keeper.look(dir) };
  }

  test('is not waited for: the one before decides, and the look after its check tells how it ended', async () => {
    const { active, ended, look, keeper } = await keeperOnTrial();
    const { onTrial } = await look();
    expect(onTrial).toMatch(/^[0-9a-f]{64}$/);
    expect(keeper.isFirstOnTrial).toBe(false);
    expect(await look()).toEqual({ active, onTrial });
    await ended([]);
    expect(await look()).toMatchObject({
      active: { revision: onTrial },
      change: { event: 'policy_changed' },
    });
    expect(await look()).not.toHaveProperty('onTrial');
  });

  test('that fails is refused', async () => {
    const { active, ended, look } = await keeperOnTrial();
    await look();
    await ended([WRONG]);
    expect(await look()).toMatchObject({ active, change: { event: 'policy_rejected' } });
    expect(await look()).toMatchObject({ active, problem: { reason: 'PoliciesRejected' } });
  });

  test('whose tests do not end is tried again soon, then after ten times as long: its trials keep no core busy', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const { checks, ended, look } = await keeperOnTrial();
    await look();
    vi.advanceTimersByTime(45_000);
    await ended([SLOW]);
    await look();
    vi.advanceTimersByTime(46_000);
    await look();
    await vi.waitFor(() => expect(checks).toHaveLength(2));
    vi.advanceTimersByTime(45_000);
    await ended([SLOW]);
    await look();
    vi.advanceTimersByTime(440_000);
    expect(await look()).toMatchObject({ problem: { reason: 'CheckFailed' } });
    expect(checks).toHaveLength(2);
    vi.advanceTimersByTime(20_000);
    await look();
    await vi.waitFor(() => expect(checks).toHaveLength(3));
  });

  test('that is taken back on trial is given up', async () => {
    const { active, checks, look, save } = await keeperOnTrial();
    await look();
    await save('');
    expect(await look()).toEqual({ active });
    await vi.waitFor(() => expect(checks).toHaveLength(1));
    expect(checks[0]?.signal.aborted).toBe(true);
  });

  test('whose check cannot be carried out is tried again, and holds nothing up any more', async () => {
    const { active, checks, ended, look } = await keeperOnTrial();
    await look();
    await ended(new Error('no engine'));
    const message = 'the policies could not be checked: no engine; the check is tried again';
    const problem = { reason: 'CheckFailed', message };
    await vi.waitFor(async () => {
      expect(await look()).toEqual({ active, problem });
      expect(checks).toHaveLength(2);
    });
    await ended([]);
    expect(await look()).toHaveProperty('change');
  });

  test('that is followed by another decides when it has passed, until that one has', async () => {
    const { checks, ended, look, save } = await keeperOnTrial();
    const first = await look();
    await save('# newest\n');
    const second = await look();
    expect(second.onTrial).not.toBe(first.onTrial);
    await ended([]);
    expect(await look()).toMatchObject({
      active: { revision: first.onTrial },
      onTrial: second.onTrial,
      change: { event: 'policy_changed', revision: first.onTrial },
    });
    await vi.waitFor(() => expect(checks).toHaveLength(2));
    await ended([]);
    expect(await look()).toMatchObject({ active: { revision: second.onTrial } });
  });

  test('that fails and was followed by another is told by nobody', async () => {
    const { active, checks, ended, look, save } = await keeperOnTrial();
    await look();
    await save('# newest\n');
    const { onTrial } = await look();
    await ended([WRONG]);
    expect(await look()).toEqual({ active, onTrial });
    await vi.waitFor(() => expect(checks).toHaveLength(2));
  });

  test('that takes long and was followed by another is given up, and the other is tried', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const { checks, ended, look, save } = await keeperOnTrial();
    await look();
    await save('# newest\n');
    vi.advanceTimersByTime(6000);
    const { onTrial } = await look();
    await vi.waitFor(() => expect(checks).toHaveLength(2));
    expect(checks.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(checks[1]?.set.revision).toBe(onTrial);
    await ended([]);
    expect(await look()).toMatchObject({ active: { revision: onTrial } });
  });

  test('is given up when the controller ends', async () => {
    const { keeper, checks, look } = await keeperOnTrial();
    await look();
    await vi.waitFor(() => expect(checks).toHaveLength(1));
    await keeper.close();
    expect(checks[0]?.signal.aborted).toBe(true);
  });
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

test('the kept sets stand where nobody else reads, and in no folder that has gone', async () => {
  const { archive, home } = await keeperWith();
  const set = policySetOf([{ path: 'x/x.rego', content: Buffer.from('package swiftdeploy.x\n') }]);
  await archive.keep(set, []);
  expect((await stat(join(home, 'state'))).mode & 0o777).toBe(0o700);
  await rm(home, { recursive: true });
  await expect(archive.keep(set, [])).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(stat(home)).rejects.toMatchObject({ code: 'ENOENT' });
});
