/** A domain that answers nothing: one problem for its cause, with its place, not one for each question. */
import { expect, test } from 'vitest';
import { formatPolicyProblem } from '../../../src/reconcilers/policy/check-policies.js';
import { policySetOf } from '../../../src/reconcilers/policy/policy-set.js';
import { probesOf } from '../../../src/reconcilers/policy/probe-tests.js';
import { judgeProbes } from '../../../src/reconcilers/policy/judge-probes.js';
import { refusableInputs } from '../../../src/reconcilers/policy/probe-refusals.js';
import type { Found } from '../../../src/reconcilers/policy/read-probes.js';

const DENY = 'deny contains "no" if input.x > 1\n';
const NO_DECISION =
  'no_decision: there is no rule named decision in package swiftdeploy.x1 (it is what is asked, an object with `allow` and `reasons`: see docs/policies.md)';

/** What is said of files whose domains answer as told; `undefined`: `decision` is undefined. `refusing`: where it may say no, if not the same. */
function said(
  files: Readonly<Record<string, string>>,
  answers: Readonly<Record<string, unknown>> = {},
  refusing?: readonly unknown[],
) {
  const set = policySetOf(
    Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) })),
  );
  const probes = probesOf(set);
  const found = new Map(
    probes.map(({ test: name, domain, question }): [string, Found] => {
      const answer = answers[`${domain}/${question ?? ''}`] ?? answers[domain];
      const list = answer === undefined ? [] : [answer];
      if (question === undefined) return [name, { found: { empty: false } }];
      const others = refusableInputs(domain, question).map(() => refusing ?? list);
      return [name, { found: { answers: list, others, holes: [] } }];
    }),
  );
  return judgeProbes(found, set, probes).problems.map(formatPolicyProblem);
}

const ASKED = 'deploy, replace, heal, start_canary, promote, rollback, remove, analyse';

test.each([
  [
    'a package of its own',
    { 'x1/x1.rego': `# who knows conftest\npackage x1\n\n${DENY}` },
    'x1/x1.rego:2:1 wrong_package: the package is x1; for the domain x1 it has to be swiftdeploy.x1',
  ],
  [
    'a misspelt one, in the file that decides',
    {
      'x1/lib.rego': 'package lib\n',
      'x1/x1.rego': 'package swiftdeploy.x\n\ndecision := {"allow": true}\n',
      'x1/x1_test.rego': 'package swiftdeploy.x1_test\n',
    },
    'x1/x1.rego:1:1 wrong_package: the package is swiftdeploy.x; for the domain x1 it has to be swiftdeploy.x1',
  ],
  [
    'a folder that is no name',
    { 'x-1/x.rego': 'package swiftdeploy.x_1\n' },
    'x-1/x.rego:1:1 wrong_package: the package is swiftdeploy.x_1; for the domain x-1 it has to be swiftdeploy["x-1"]',
  ],
  [
    'no decision',
    { 'x1/x1.rego': `package swiftdeploy.x1\n\n# decision: none\n${DENY}` },
    `x1/x1.rego:1:1 ${NO_DECISION}`,
  ],
  [
    'no decision in a file without a folder',
    { 'x1.rego': `package swiftdeploy.x1\n\n${DENY}` },
    `x1.rego:1:1 ${NO_DECISION}`,
  ],
])('%s', (_name, files, expected) => {
  expect(said(files as unknown as Record<string, string>)).toEqual([expected]);
});

test('one domain of several: of the others is said what is to be said of them', () => {
  const files = {
    'a/a.rego': `package a\n${DENY}`,
    'b/b.rego': '# METADATA\n# custom: {questions: [deploy]}\npackage swiftdeploy.b\n\ndecision := {}\n',
    'c/c.rego': `package swiftdeploy.c\n\ndecision := {"allow": true}\n`,
  };
  expect(said(files, { b: {}, c: { allow: true } })).toEqual([
    expect.stringMatching(/^a\/a\.rego:1:1 wrong_package: /),
    expect.stringMatching(/^b\/b\.rego:5:1 probe_not_answered: b does not answer deploy when/),
  ]);
});

test('a decision that some questions have, or that is written and never holds, is said once, with the questions', () => {
  const rule = 'package swiftdeploy.x1\n\ndecision := {"allow": true} if input.question == "deploy"\n';
  const problem = (questions: string) =>
    expect.stringMatching(
      new RegExp(
        `probe_not_answered: x1 does not answer ${questions} when nothing is wrong: .*name the questions that`,
      ),
    ) as string;
  expect(said({ 'x1/x1.rego': rule })).toEqual([problem(ASKED)]);
  expect(said({ 'x1/x1.rego': rule }, { 'x1/deploy': { allow: true } })).toEqual([
    problem(ASKED.replace('deploy, ', '')),
  ]);
});

test.each([
  [true, /`decision` is true, not an object \(write `decision := \{"allow": allow, "reasons": reasons\}`\)$/],
  [{ allow: 'true' }, /`allow` is "true", not true or false \(make `allow` true or false/],
  [{ allow: false }, /denied without a reason \(say why: /],
  [{ allow: false, reasons: 'no' }, /`reasons` is not a list .* \(make `reasons` a list/],
  [
    { allow: true, question: 'all' },
    /question is "all", asked was "deploy" \(answer with `input\.question` and /,
  ],
])('an answer of a wrong form, %j, is said once, with what to write instead', (answer, expected) => {
  const files = { 'x1/x1.rego': 'package swiftdeploy.x1\n\ndecision := input.x\n' };
  const problems = said(files, { x1: answer });
  expect(problems).toEqual([expect.stringMatching(expected) as string]);
  expect(problems[0]).toContain(`x1 does not answer ${ASKED} when nothing is wrong: `);
});

test('two mistakes of one domain are two problems', () => {
  const files = { 'x1/x1.rego': 'package swiftdeploy.x1\n\ndecision := input.x\n' };
  expect(said(files, { x1: { allow: true }, 'x1/heal': true, 'x1/remove': {} })).toEqual([
    expect.stringContaining('x1 does not answer heal when') as string,
    expect.stringContaining('x1 does not answer remove when') as string,
  ]);
});

test.each([
  [
    [],
    /about a service of which everything is wrong .*: no policy answers this question: .* silence .* \(write `default allow := false`/,
  ],
  [
    [{ allow: false, reasons: [] }],
    /about a service of which .*denied without a reason \(say why: every denial needs at least one of `reasons`\)$/,
  ],
  [[{ allow: false, reasons: 'no' }], /about a service of which .*`reasons` is not a list/],
])('one that can say yes, and no no: %j', (refusing, expected) => {
  const files = { 'x1/x1.rego': 'package swiftdeploy.x1\n\nallow if input.x\n\ndecision := input.x\n' };
  const problems = said(files, { x1: { allow: true } }, refusing);
  expect(problems).toEqual([expect.stringMatching(expected) as string]);
  expect(problems[0]).toContain(`x1/x1.rego:3:1 probe_not_answered: x1 does not answer ${ASKED} about `);
});

test('a no is well said by texts, and what is answered badly in any case is said once', () => {
  const files = { 'x1/x1.rego': 'package swiftdeploy.x1\n\ndecision := input.x\n' };
  expect(said(files, { x1: { allow: true } }, [{ allow: false, reasons: ['no'] }])).toEqual([]);
  const problems = said(files, { x1: { allow: true }, 'x1/heal': {} }, [{}]);
  expect(problems).toEqual([
    expect.stringContaining('x1 does not answer heal when nothing is wrong: ') as string,
  ]);
});

/** What is said of a set none of whose probes could be evaluated: `errors` by question, of the empty one by none. */
function saidOfErrors(rego: string, errors: Readonly<Record<string, Found['error']>>) {
  const set = policySetOf([{ path: 'x1/x1.rego', content: Buffer.from(rego) }]);
  const probes = probesOf(set);
  const found = new Map(
    probes.map(({ test: name, question }): [string, Found] => {
      const error = errors[question ?? ''];
      return [name, error === undefined ? { found: { empty: false } } : { error }];
    }),
  );
  return judgeProbes(found, set, probes).problems.map(formatPolicyProblem);
}

const CLASHING = '# METADATA\n# custom: {questions: [deploy, heal, promote]}\npackage swiftdeploy.x1\n';
const clashAt = (row: number) => ({
  code: 'eval_conflict_error',
  message: 'complete rules must not produce multiple outputs',
  location: { file: '/bundle/x1/x1.rego', row, col: 1 },
});

test('one that cannot be evaluated is said once, with the questions that show it', () => {
  const errors = { '': clashAt(7), deploy: clashAt(7), heal: clashAt(7), promote: clashAt(7) };
  expect(saidOfErrors(CLASHING, errors)).toEqual([
    expect.stringMatching(
      /^x1\/x1\.rego:7:1 probe_failed: x1 cannot be evaluated for an empty question \(\{\}\) and "deploy", "heal", "promote" with facts of every kind: complete rules .* \(rules of one name/,
    ) as string,
  ]);
});

test('but two that clash at two places are two', () => {
  const errors = { deploy: clashAt(7), heal: clashAt(9), promote: clashAt(7) };
  expect(saidOfErrors(CLASHING, errors)).toEqual([
    expect.stringContaining(
      'x1/x1.rego:7:1 probe_failed: x1 cannot be evaluated for "deploy", "promote" with',
    ),
    expect.stringContaining('x1/x1.rego:9:1 probe_failed: x1 cannot be evaluated for "heal" with') as string,
  ]);
});
