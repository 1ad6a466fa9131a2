/** By which policies a plan is made: those that a controller would take, and none that one has refused. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectedPolicies } from '../../../src/cli/plan/expected-policies.js';
import { PolicyArchive } from '../../../src/reconcilers/policy/policy-archive.js';
import { readPolicySet } from '../../../src/reconcilers/policy/policy-set.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

/** A folder whose set decided before, and was edited since. */
async function edited() {
  const home = await temporaryDirectory();
  const [dir, stateDir] = [join(home, 'policies'), join(home, 'state')];
  const write = (allow: boolean) =>
    writeFile(join(dir, 'x/x.rego'), `package swiftdeploy.x\n\ndecision := {"allow": ${String(allow)}}\n`);
  await mkdir(join(dir, 'x'), { recursive: true });
  await write(true);
  const good = await readPolicySet(dir);
  await new PolicyArchive(stateDir).keep(good, []);
  await write(false);
  const now = (await readPolicySet(dir)).revision;
  return { dir, isHeld: false, stateDir, revision: good.revision, now };
}

test('an edit is taken for one that passes its tests', async () => {
  const { now, ...places } = await edited();
  const { state, note } = await expectedPolicies({ ...places, refused: undefined });
  expect([state.active?.revision, note]).toEqual([now, expect.stringContaining('tested before they decide')]);
});

test('one that a controller has refused decides nothing: the last good set does', async () => {
  const { now, ...places } = await edited();
  const refused = { revision: now, problems: ['x/x.rego:3 so it is'] };
  const { state, note } = await expectedPolicies({ ...places, refused });
  expect(state.active?.revision).toBe(places.revision);
  expect(note).toBe('the policies on disk were refused: x/x.rego:3 so it is');
});

test('what was refused before the last edit says nothing about it', async () => {
  const { now, ...places } = await edited();
  const refused = { revision: 'f'.repeat(64), problems: ['old'] };
  expect((await expectedPolicies({ ...places, refused })).state.active?.revision).toBe(now);
});

test('those of a commit whose manifest is refused are not taken', async () => {
  const { revision, ...places } = await edited();
  const held = { ...places, revision, isHeld: true, refused: undefined };
  expect((await expectedPolicies(held)).state.active?.revision).toBe(revision);
});
