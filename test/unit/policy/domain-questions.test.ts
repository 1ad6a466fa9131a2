/** Which questions a domain is asked: what its METADATA declares, what it means to declare nothing, and what is refused by file, row and column. */
import { describe, expect, test } from 'vitest';
import { QUESTIONS } from '../../../src/reconcilers/plan/steps.js';
import { policySetOf } from '../../../src/reconcilers/policy/policy-set.js';

type Files = Readonly<Record<string, string>>;

function setOf(files: Files) {
  return policySetOf(Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) })));
}

/** Of a domain `d` in one file. */
function questions(text: string, files: Files = {}) {
  return setOf({ 'd/d.rego': text, ...files }).domains[0]?.questions;
}

const PACKAGE = 'package swiftdeploy.d\n';

describe('declared', () => {
  test.each([
    ['with the package', `# METADATA\n# title: D\n# custom:\n#   questions: [replace, deploy]\n${PACKAGE}`],
    [
      'with the decision',
      `${PACKAGE}\nimport rego.v1\n\n# METADATA\n# custom:\n#   questions:\n#     - deploy\n#     - replace\ndecision := {}\n`,
    ],
    [
      'with the default decision',
      `${PACKAGE}# METADATA\n# scope: document\n# custom: {questions: [deploy, replace]}\ndefault decision := {}\n`,
    ],
    [
      'behind words of its own',
      `# (c) us\n# METADATA\n# custom: {questions: [deploy, replace]}\n\n${PACKAGE}`,
    ],
    ['after a BOM, with CRLF', `\uFEFF# METADATA\r\n# custom: {questions: [deploy, replace]}\r\n${PACKAGE}`],
    [
      'partly here, partly there',
      `# METADATA\n# custom: {questions: [deploy]}\n${PACKAGE}# METADATA\n# custom: {questions: [replace, deploy]}\ndecision := {}\n`,
    ],
  ])('%s', (_name, text) => {
    expect(questions(text)).toEqual(['deploy', 'replace']);
  });

  test('in one of the files of the package', () => {
    const more = { 'd/more.rego': `# METADATA\n# custom: {questions: [heal]}\n${PACKAGE}` };
    expect(questions(PACKAGE, more)).toEqual(['heal']);
  });
});

/** A domain that nobody thought of as one that lets people overrule others must not be one. */
const ALL_BUT_OVERRIDE = QUESTIONS.filter((question) => question !== 'override');

describe('not declared: all are asked, but whether a person may overrule the others', () => {
  test.each([
    ['without METADATA', PACKAGE],
    ['METADATA that says nothing of it', `# METADATA\n# title: D\n# custom: {short: yes}\n${PACKAGE}`],
    ['of another rule', `${PACKAGE}# METADATA\n# custom: {questions: [deploy]}\nviolations := []\n`],
    ['in a comment that stands apart', `# METADATA\n\n# custom: {questions: [deploy]}\n${PACKAGE}`],
    [
      'in a raw string',
      `${PACKAGE}x := \`\n# METADATA\n# custom: {questions: [nonsense]}\n\`\ndecision := {}\n`,
    ],
    ['in a string', `${PACKAGE}x := "# METADATA"\ndecision := {}\n`],
    ['behind a statement', `${PACKAGE}x := 1 # METADATA\n# custom: {questions: [deploy]}\ndecision := {}\n`],
  ])('%s', (_name, text) => {
    expect(questions(text)).toEqual(ALL_BUT_OVERRIDE);
  });

  test.each([
    ['a test', { 'd/d_test.rego': `# METADATA\n# custom: {questions: [heal]}\n${PACKAGE}` }],
    [
      'a package below',
      { 'd/lib.rego': `# METADATA\n# custom: {questions: [heal]}\npackage swiftdeploy.d.lib\n` },
    ],
    [
      'a package beside',
      { 'd/e.rego': `# METADATA\n# custom: {questions: [heal]}\npackage swiftdeploy.e\n` },
    ],
  ])('%s speaks for nobody', (_name, files) => {
    expect(questions(PACKAGE, files)).toEqual(ALL_BUT_OVERRIDE);
  });
});

describe('policies of older tools', () => {
  test('infrastructure without a declaration is asked before steps, canary what it can judge', () => {
    const { domains } = setOf({
      'canary.rego': 'package swiftdeploy.canary\n',
      'infrastructure/infrastructure.rego': 'package swiftdeploy.infrastructure\n',
    });
    expect(domains).toEqual([
      { name: 'canary', questions: ['promote', 'analyse'] },
      {
        name: 'infrastructure',
        questions: ['deploy', 'replace', 'heal', 'start_canary', 'promote', 'rollback', 'remove'],
      },
    ]);
  });

  test('what they declare counts', () => {
    const text = '# METADATA\n# custom: {questions: [remove]}\npackage swiftdeploy.canary\n';
    expect(setOf({ 'canary/canary.rego': text }).domains[0]?.questions).toEqual(['remove']);
  });
});

describe('refused, with file, row and column', () => {
  const metadata = (...lines: string[]) =>
    `# about\n# METADATA\n${lines.map((line) => `# ${line}\n`).join('')}${PACKAGE}`;

  test.each([
    [
      'an unknown question',
      metadata('custom:', '  questions:', '    - deploy', '    - deplyo'),
      'd/d.rego:6:9: "deplyo" is no question; there are deploy, ',
    ],
    [
      'an unknown question, indented and without a space',
      `  # METADATA\n  #custom: {questions: [deplyo]}\n${PACKAGE}`,
      'd/d.rego:2:25: "deplyo" is no question',
    ],
    ['a number', metadata('custom: {questions: [1]}'), 'd/d.rego:3:24: 1 is no question'],
    [
      'a text',
      metadata('custom:', '  questions: deploy'),
      'd/d.rego:4:16: `questions` is a list of questions',
    ],
    [
      'an empty list',
      metadata('title: x', 'custom: {questions: []}'),
      'd/d.rego:4:23: `questions` is a list of questions',
    ],
    [
      'questions misspelt',
      metadata('custom:', '  short: x', '  qestions: [deploy]'),
      'd/d.rego:5:5: "qestions" is read by nobody, and the domain would be asked everything: did you mean `questions`?',
    ],
    [
      'questions misspelt, in one line',
      metadata('custom: {"Question": [deploy]}'),
      'd/d.rego:3:12: "Question" is read by nobody',
    ],
    [
      'custom misspelt',
      metadata('title: x', 'costum: {questions: [deploy]}'),
      'd/d.rego:4:3: "costum" is read by nobody, and the domain would be asked everything: did you mean `custom: {questions: […]}`?',
    ],
    ['questions without custom', metadata('questions: [deploy]'), 'd/d.rego:3:3: "questions" is read by'],
    ['custom that is no map', metadata('custom: [deploy]'), 'd/d.rego:3:11: `custom` is a map'],
    [
      'what is not YAML',
      metadata('title: x', 'custom: {questions: [deploy'),
      'd/d.rego:4:30: the METADATA is not YAML: ',
    ],
    ['a key twice', metadata('custom: {}', 'custom: {}'), 'd/d.rego:4:3: the METADATA is not YAML: '],
    [
      'an alias bomb',
      metadata(
        'a: &a [x, x, x, x, x, x, x, x, x]',
        ...[...'bcdef'].map(
          (name, at) =>
            `${name}: &${name} [${Array(9)
              .fill(`*${'abcdef'[at] ?? ''}`)
              .join(', ')}]`,
        ),
        'custom: {questions: *f}',
      ),
      'd/d.rego:2:3: the METADATA is not YAML that can be read',
    ],
  ])('%s', (_name, text, message) => {
    expect(() => questions(text)).toThrow(message);
  });
});

test('METADATA that nests without end is refused by its place', () => {
  expect(() => questions(`# METADATA\n# custom: ${'{'.repeat(20_000)}\n${PACKAGE}`)).toThrow(
    'the METADATA is nested too deeply',
  );
});
