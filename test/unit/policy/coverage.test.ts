import { describe, expect, test } from 'vitest';
import { readCoverage } from '../../../src/reconcilers/policy/coverage.js';
import { ownTests } from '../../../src/reconcilers/policy/own-tests.js';
import { policySetOf, type PolicySet } from '../../../src/reconcilers/policy/policy-set.js';
import { firedRules, traceLines } from '../../../src/reconcilers/policy/read-trace.js';

function setOf(files: Readonly<Record<string, string>>): PolicySet {
  return policySetOf(Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) })));
}

const X = 'package swiftdeploy.x\n';

function rows(...pairs: readonly (readonly [number, number])[]) {
  return pairs.map(([first, last]) => ({ start: { row: first, col: 1 }, end: { row: last, col: 9 } }));
}

function report(files: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ result: [], coverage: { files } });
}

describe('coverage', () => {
  test("a bundle's file is reported under two names, and is one", () => {
    const output = report({
      '/bundle/bundle/x/x.rego': {
        not_covered: rows([9, 9], [3, 5], [4, 6], [7, 7]),
        not_covered_lines: 6,
      },
      '/bundle/x/x.rego': { covered: rows([1, 2]), covered_lines: 2, coverage: 100 },
      '/bundle/system/authz.rego': { covered_lines: 9 },
    });
    expect(readCoverage(output, setOf({ 'x/x.rego': X }))).toEqual([
      {
        file: 'x/x.rego',
        covered: 2,
        notCovered: 6,
        gaps: [
          [3, 7],
          [9, 9],
        ],
      },
    ]);
  });

  test('a domain called bundle is itself', () => {
    const output = report({
      '/bundle/bundle/bundle/b.rego': { not_covered: rows([4, 4]), not_covered_lines: 1 },
      '/bundle/bundle/b.rego': { covered_lines: 3 },
    });
    const set = setOf({ 'bundle/b.rego': 'package swiftdeploy.bundle\n' });
    expect(readCoverage(output, set)).toEqual([
      { file: 'bundle/b.rego', covered: 3, notCovered: 1, gaps: [[4, 4]] },
    ]);
  });

  test('is unknown where something else was printed', () => {
    expect(readCoverage('{"errors": []}', setOf({ 'x/x.rego': X }))).toBeUndefined();
  });
});

describe('tests', () => {
  test('are told by their file and by the name that problems have; one of several rules is one', () => {
    const set = setOf({
      'x/x_test.rego':
        'package swiftdeploy.x_test\n\n# test_none\ntest_a if true\n\ntest_b if false\ntest_b if true\n',
      'a-b/a_test.rego': 'package swiftdeploy["a-b_test"]\n\ntest_c if true\n',
      'x/data.json': '{"test_d": 1}',
    });
    expect(ownTests(set)).toEqual([
      {
        file: 'x/x_test.rego',
        name: 'swiftdeploy.x_test.test_a',
        reference: 'data["swiftdeploy"]["x_test"]["test_a"]',
      },
      {
        file: 'x/x_test.rego',
        name: 'swiftdeploy.x_test.test_b',
        reference: 'data["swiftdeploy"]["x_test"]["test_b"]',
      },
      {
        file: 'a-b/a_test.rego',
        name: 'swiftdeploy["a-b_test"].test_c',
        reference: 'data["swiftdeploy"]["a-b_test"]["test_c"]',
      },
    ]);
  });
});

describe('a trace', () => {
  const set = setOf({
    'x/x.rego': `${X}
default allow := false

allow if input.a > 1

reasons contains "a" if not allow

fits := 1 if {
	input.a > 5
} else := 2
`,
  });
  const output = `printed by the policy
query:1                  Enter data.swiftdeploy.x.decision = _    {}
/bundle/x/x.rego:5       | | Enter data.swiftdeploy.x.allow       {}
/bundle/x/x.rego:5       | | | Fail gt(__local1__, 1)             {__local1__: 0}
/bundle/x/x.rego:3       | | Exit data.swiftdeploy.x.allow early  {}
/bundle/x/x.rego:7       | | | Exit data.swiftdeploy.x.allow      {}
/bundle/x/x.rego:7       | | Exit data.swiftdeploy.x.reasons      {}
/bundle/x/x.rego:7       | | Exit data.swiftdeploy.x.reasons      {}
/bundle/x/x.rego:11      | | Exit data.swiftdeploy.x.fits         {__local2__: 2}
query:1                  | Exit data.swiftdeploy.x.decision = _   {}
{
  "allow": false
}
`;

  test('has its events alone, by the paths that an author knows, with the values of each', () => {
    const lines = traceLines(output);
    expect(lines).toHaveLength(9);
    expect(lines[1]).toBe('x/x.rego:5       | | Enter data.swiftdeploy.x.allow');
    expect(lines[2]).toBe('x/x.rego:5       | | | Fail gt(__local1__, 1)  {__local1__: 0}');
  });

  test('says which rules had a value, each once; the inner question of a "not" is no rule', () => {
    expect(firedRules(traceLines(output), set)).toEqual([
      { rule: 'allow', file: 'x/x.rego', row: 3, isDefault: true },
      { rule: 'reasons', file: 'x/x.rego', row: 7, isDefault: false },
      { rule: 'fits', file: 'x/x.rego', row: 11, isDefault: false },
    ]);
  });
});
