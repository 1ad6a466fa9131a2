/** Questions that an author declared where nobody reads them: a warning with file, row and column. */
import { describe, expect, test } from 'vitest';
import { formatPolicyProblem } from '../../../src/reconcilers/policy/check-policies.js';
import { judgeProbes } from '../../../src/reconcilers/policy/judge-probes.js';
import { policySetOf } from '../../../src/reconcilers/policy/policy-set.js';

/** What the check of a domain `d` in one file says, without its other warnings. */
function warnings(text: string, path = 'd/d.rego'): readonly string[] {
  const whole = { path: 'd/whole.rego', content: Buffer.from('package swiftdeploy.d\n') };
  const set = policySetOf([{ path, content: Buffer.from(text) }, whole]);
  const found = judgeProbes(new Map(), set, []).warnings;
  return found.filter(({ code }) => code === 'misplaced_questions').map(formatPolicyProblem);
}

const PACKAGE = 'package swiftdeploy.d\n';
const DECISION = 'decision := {"allow": true}\n';

test('on another rule: where it stands, and where it belongs', () => {
  const text = `${PACKAGE}\n# METADATA\n# title: limits\n# custom:\n#   questions: [deploy]\nviolations := []\n\n${DECISION}`;
  expect(warnings(text)).toMatchInlineSnapshot(`
    [
      "d/d.rego:6:5 misplaced_questions: \`custom.questions\` is read by nobody here: this METADATA is not that of the package or of \`decision\` (move it above \`package\` or above the rule \`decision\`)",
    ]
  `);
});

test('on several, each', () => {
  const block = '# METADATA\n# custom: {questions: [deploy]}\n';
  expect(warnings(`${PACKAGE}${block}a := 1\n\n${block}b := 2\n\n${DECISION}`)).toHaveLength(2);
});

describe('nothing is said of', () => {
  test.each([
    ['those of the package', `# METADATA\n# custom: {questions: [deploy]}\n${PACKAGE}${DECISION}`],
    ['those of the decision', `${PACKAGE}# METADATA\n# custom: {questions: [deploy]}\n${DECISION}`],
    [
      'what another rule says of itself',
      `${PACKAGE}# METADATA\n# custom: {severity: high}\na := 1\n${DECISION}`,
    ],
    ['METADATA of another rule that is no YAML', `${PACKAGE}# METADATA\n# custom: {\na := 1\n${DECISION}`],
  ])('%s', (_name, text) => expect(warnings(text)).toEqual([]));

  test('tests, which nobody asks', () => {
    const text = `${PACKAGE}# METADATA\n# custom: {questions: [deploy]}\ntest_a if true\n`;
    expect(warnings(text, 'd/d_test.rego')).toEqual([]);
  });
});
