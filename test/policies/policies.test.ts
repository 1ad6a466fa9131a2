/** The shipped policies pass OPA's own strict check and their own tests, completely covered, in the image that will decide by them. */
import { fileURLToPath } from 'node:url';
import type { StartedTestContainer } from 'testcontainers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  opaCheckArgs,
  opaTestArgs,
  parseCheckOutput,
  parseTestOutput,
} from '../../src/reconcilers/policy/check-policies.js';
import { BUNDLE_DIR, policyCheckBundle } from '../../src/reconcilers/policy/policy-bundle.js';
import { readPolicySet } from '../../src/reconcilers/policy/policy-set.js';
import { startIdleOpa } from './opa-container.js';

const SHIPPED = fileURLToPath(new URL('../../policies', import.meta.url));

interface Coverage {
  readonly files: Readonly<Record<string, { readonly not_covered?: readonly unknown[] }>>;
}

let opa: StartedTestContainer;

beforeAll(async () => {
  opa = await startIdleOpa(policyCheckBundle(await readPolicySet(SHIPPED)));
});

afterAll(() => opa.stop());

test('opa check --strict', async () => {
  expect(parseCheckOutput(await opa.exec(['/opa', ...opaCheckArgs()]))).toEqual([]);
});

test('opa test', async () => {
  const output = await opa.exec(['/opa', ...opaTestArgs()]);
  expect(parseTestOutput(output)).toEqual([]);
  expect((JSON.parse(output.stdout) as unknown[]).length).toBeGreaterThan(20);
});

test('every line of every shipped rule is covered', async () => {
  const { stdout } = await opa.exec(['/opa', ...opaTestArgs(), '--coverage']);
  const { files } = JSON.parse(stdout) as Coverage;
  const shipped = Object.entries(files).filter(([path]) => !path.includes('/system/'));
  const gaps = shipped.filter(([, { not_covered: gap = [] }]) => gap.length > 0);
  expect(shipped.length).toBeGreaterThan(0);
  expect(gaps).toEqual([]);
});

test('opa fmt has nothing to change', async () => {
  expect(await opa.exec(['/opa', 'fmt', '--list', BUNDLE_DIR])).toMatchObject({ exitCode: 0, stdout: '' });
});
