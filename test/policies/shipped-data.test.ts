/** The data of the shipped policies: what it says, and that whoever says something else finds no failed test. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { StartedTestContainer } from 'testcontainers';
import { afterEach, expect, test } from 'vitest';
import { opaTestArgs, parseTestOutput } from '../../src/reconcilers/policy/check-policies.js';
import { policyCheckBundle } from '../../src/reconcilers/policy/policy-bundle.js';
import type { PolicyFile } from '../../src/reconcilers/policy/policy-files.js';
import { policySetOf, readPolicySet } from '../../src/reconcilers/policy/policy-set.js';
import { startIdleOpa } from './opa-container.js';

const SHIPPED = fileURLToPath(new URL('../../policies', import.meta.url));
const TESTS = fileURLToPath(new URL('shipped_data_test.rego', import.meta.url));

const { files } = await readPolicySet(SHIPPED);
let opa: StartedTestContainer | undefined;

afterEach(async () => {
  await opa?.stop();
  opa = undefined;
});

/** How many tests there were, and what is wrong. */
async function tested(set: readonly PolicyFile[], more: readonly PolicyFile[] = []) {
  opa = await startIdleOpa([...policyCheckBundle(policySetOf(set)), ...more]);
  const output = await opa.exec(['/opa', ...opaTestArgs()]);
  return { count: (JSON.parse(output.stdout) as unknown[]).length, problems: parseTestOutput(output) };
}

test('what it says', async () => {
  const own = await tested(files);
  await opa?.stop();
  const more = { path: 'shipped_data/shipped_data_test.rego', content: await readFile(TESTS) };
  const all = await tested(files, [more]);
  expect(all.problems).toEqual([]);
  expect(all.count).toBe(own.count + 6);
});

/** The same data with another value, of the same type, everywhere. */
function turned(value: unknown): unknown {
  if (typeof value === 'number') return value * 2 + 1;
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) return value.length === 0 ? ['other'] : [];
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, turned(one)]));
}

test.each(files.filter(({ path }) => path.endsWith('/data.json')).map((file) => [file.path, file] as const))(
  'every value of %s can be another one',
  async (_path, file) => {
    const text = JSON.stringify(turned(JSON.parse(file.content.toString('utf8'))));
    const content = Buffer.from(text.replaceAll(/"(?:off|warn)"/g, '"deny"'));
    const set = files.map((one) => (one === file ? { ...file, content } : one));
    expect((await tested(set)).problems).toEqual([]);
  },
);
