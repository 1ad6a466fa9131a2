/** What people get wrong in policies, through the real check: a problem with file and row for each, and none is a surprise to the parser. */
import { afterEach, expect, test } from 'vitest';
import type { StartedTestContainer } from 'testcontainers';
import {
  formatPolicyProblem,
  opaCheckArgs,
  opaTestArgs,
  parseCheckOutput,
  parseTestOutput,
} from '../../src/reconcilers/policy/check-policies.js';
import { policyCheckBundle } from '../../src/reconcilers/policy/policy-bundle.js';
import { policySetOf } from '../../src/reconcilers/policy/policy-set.js';
import { startIdleOpa } from './opa-container.js';

let opa: StartedTestContainer | undefined;

afterEach(async () => {
  await opa?.stop();
});

async function problemsOf(files: Readonly<Record<string, string>>) {
  const set = policySetOf(
    Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) })),
  );
  opa = await startIdleOpa(policyCheckBundle(set));
  const check = parseCheckOutput(await opa.exec(['/opa', ...opaCheckArgs()]));
  const tests = parseTestOutput(await opa.exec(['/opa', ...opaTestArgs()]));
  return { check: check.map(formatPolicyProblem), tests: tests.map(formatPolicyProblem) };
}

test('Rego from before 1.0 says where, and how to convert it', async () => {
  const { check, tests } = await problemsOf({
    'infrastructure/a.rego':
      'package swiftdeploy.infrastructure\n\ndefault allow = false\nallow {\n  input.x > 1\n}\n',
  });
  expect(check).toEqual([
    'infrastructure/a.rego:4:1 rego_parse_error: `if` keyword is required before rule body (Rego from before OPA 1.0; convert it with: opa fmt --write --v0-v1 infrastructure/a.rego)',
  ]);
  expect(tests[0]).toMatch(/^infrastructure\/a\.rego:4 rego_parse_error: /);
});

test('misspelt names and unused variables', async () => {
  const rego =
    'package swiftdeploy.x\n\nimport rego.v1\n\nallow if inptu.x == 1\n\nb := data.foo if {\n\tx := 1\n}\n';
  expect((await problemsOf({ 'x/x.rego': rego })).check).toEqual([
    'x/x.rego:5:10 rego_unsafe_var_error: var inptu is unsafe',
    'x/x.rego:8:2 rego_compile_error: assigned var x unused',
  ]);
});

test('data that is not YAML', async () => {
  const { check } = await problemsOf({ 'x/x.rego': 'package swiftdeploy.x\n', 'x/data.yaml': 'a: [1' });
  expect(check).toEqual(["x/data.yaml data_not_loaded: yaml: line 1: did not find expected ',' or ']'"]);
});

test('data cannot stand in for the guard', async () => {
  const { check } = await problemsOf({
    'x/x.rego': 'package swiftdeploy.x\n',
    'data.json': '{"system": {"authz": {"allow": true}}}',
  });
  expect(check[0]).toContain('conflicting rule for data path system/authz/allow found');
});

test('failed tests are named', async () => {
  const { check, tests } = await problemsOf({
    'x/x.rego': 'package swiftdeploy.x\n\nx := 1\n',
    'x/x_test.rego':
      'package x_test\n\ntest_ok if data.swiftdeploy.x.x == 1\n\ntest_bad if data.swiftdeploy.x.x == 2\n',
  });
  expect({ check, tests }).toEqual({ check: [], tests: ['x/x_test.rego:5:1 test_failed: x_test.test_bad'] });
});

test('a set without tests passes', async () => {
  expect(await problemsOf({ 'x/x.rego': 'package swiftdeploy.x\n\nx := 1\n' })).toEqual({
    check: [],
    tests: [],
  });
});
