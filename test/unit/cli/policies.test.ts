import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { imaginedQuestion } from '../../../src/cli/policies/imagined-question.js';
import { nameProblem } from '../../../src/cli/policies/domain-name.js';
import { onlyDomain } from '../../../src/cli/policies/only-domain.js';
import { testDocument, type TestFacts } from '../../../src/cli/policies/test-document.js';
import { testResults, testVerdict } from '../../../src/cli/policies/test-page.js';
import { checkLines, nameWidth } from '../../../src/cli/checks/print-checks.js';
import { plain } from '../../../src/cli/basics/talk.js';
import { main } from '../../../src/cli/program.js';
import { HistoryLog } from '../../../src/controller/history/history-log.js';
import { loadManifest } from '../../../src/reconcilers/desired/load-manifest.js';
import { QUESTIONS } from '../../../src/reconcilers/plan/steps.js';
import { policyInput } from '../../../src/reconcilers/policy/policy-input.js';
import { policySetOf } from '../../../src/reconcilers/policy/policy-set.js';
import { validatorOf } from '../../support/published-schemas.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';
import { forgetSignals } from '../../support/forget-signals.js';

let dir = '';
let stdout = '';
let stderr = '';
const path = (...names: string[]) => join(dir, ...names);

beforeEach(async () => {
  dir = await temporaryDirectory();
  [stdout, stderr] = ['', ''];
  vi.stubEnv('NO_COLOR', '1');
  vi.stubEnv('DOCKER_HOST', `unix://${dir}/no-engine.sock`);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  forgetSignals();
});

function policies(...args: string[]): Promise<number> {
  return main(['node', 'swiftdeploy', 'policies', ...args, '-f', path('manifest.yaml')]);
}

function obeys(schema: string, document: unknown): void {
  const validate = validatorOf(schema);
  expect(validate(document) ? [] : validate.errors).toEqual([]);
}

describe('policies new', () => {
  test('makes a domain of three files, and says what comes next', async () => {
    await mkdir(path('policies'));
    expect(await policies('new', 'replica_cap')).toBe(0);
    expect(await readdir(path('policies'))).toEqual(['replica_cap']);
    expect(await readdir(path('policies/replica_cap'))).toEqual([
      'data.json',
      'replica_cap.rego',
      'replica_cap_test.rego',
    ]);
    expect(await readFile(path('policies/replica_cap/replica_cap.rego'), 'utf8')).toContain(
      'package swiftdeploy.replica_cap\n',
    );
    expect(stdout).toContain('$ swiftdeploy policies test\n');
    expect(stdout).not.toContain('is new.');
  });

  test('in a folder of its own choice', async () => {
    await mkdir(path('my rules'));
    expect(await policies('new', 'x', '--policies', path('my rules'))).toBe(0);
    expect(await readdir(path('my rules'))).toEqual(['x']);
    expect(stdout).toContain(`policies test --policies "${path('my rules')}"`);
  });

  test("in the manifest's", async () => {
    await writeFile(path('manifest.yaml'), 'opa: { policies_dir: rules }\n');
    await mkdir(path('rules'));
    expect(await policies('new', 'x')).toBe(0);
    expect(await readdir(path('rules'))).toEqual(['x']);
  });

  test('a first folder of its own begins with the shipped policies, which it replaces', async () => {
    expect(await policies('new', 'replica_cap')).toBe(0);
    const shipped = await readdir('policies');
    expect(await readdir(path('policies'))).toEqual([...shipped, 'replica_cap'].sort());
    expect(await readdir(dir)).toEqual(['policies']);
    expect(stdout).toContain('policies is new. A folder of your own replaces the shipped policies');
  });

  test('overwrites nothing', async () => {
    await mkdir(path('policies/x'), { recursive: true });
    await writeFile(path('policies/x/x.rego'), 'mine');
    expect(await policies('new', 'x')).toBe(1);
    expect(stderr).toContain('policies/x is there already');
    expect(await readFile(path('policies/x/x.rego'), 'utf8')).toBe('mine');
    expect(await readdir(path('policies'))).toEqual(['x']);
  });

  test('what it could not write it takes away again', async () => {
    await writeFile(path('policies'), 'a file');
    expect(await policies('new', 'x')).toBe(1);
    expect(stderr).toContain('policies');
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(await readdir(dir)).toEqual(['policies']);
  });

  test.each([
    ['My Policy', 'my_policy'],
    ['replicaCap', 'replica_cap'],
    ['replica-cap', 'replica_cap'],
    ['Köln', 'koln'],
    ['9lives', 'lives'],
    ['cap_test', 'cap'],
    ['default', 'default_rules'],
    ['system', 'system_rules'],
    ['../evil', 'evil'],
    ['a'.repeat(41), 'a'.repeat(40)],
    ['規則', 'replica_cap'],
    ['', 'replica_cap'],
  ])('a domain is not called %j, but perhaps %s', async (name, better) => {
    expect(await policies('new', name)).toBe(1);
    expect(stderr).toContain(better);
    expect(nameProblem(better)).toBeUndefined();
    expect(await readdir(dir)).toEqual([]);
  });
});

describe('policies history', () => {
  const [first, second, third] = ['1', '2', '3'].map((digit) => digit.repeat(64));

  async function history(decides?: string): Promise<void> {
    let at = Date.parse('2026-05-05T20:00:00Z');
    const log = await HistoryLog.open(path('history.jsonl'), { now: () => new Date((at += 60_000)) });
    await log.append({ event: 'policy_changed', revision: first, files: ['x/data.json', 'x/x.rego'] });
    await log.append({ event: 'controller_started', pid: 7 });
    await log.append({
      event: 'policy_rejected',
      revision: second,
      problems: ['x/x.rego:3:1 rego_parse_error: no'],
    });
    await log.append({ event: 'policy_changed', revision: third, files: ['x/x.rego'] });
    await log.close();
    if (decides === undefined) return;
    await mkdir(path('.swiftdeploy'));
    await writeFile(path('.swiftdeploy/state.json'), JSON.stringify({ policyRevision: decides }));
  }

  test('says which revisions there were, why one was refused, and which decides', async () => {
    await history(third);
    expect(await policies('history')).toBe(0);
    expect(stdout).toBe(
      `2026-05-05T20:01:00Z  ○ 111111111111 took over: x/data.json, x/x.rego
2026-05-05T20:03:00Z  ✘ 222222222222 refused:
    x/x.rego:3:1 rego_parse_error: no
2026-05-05T20:04:00Z  ● 333333333333 took over (decides now): x/x.rego
`,
    );
  });

  test('a folder that could not be read has no revision', async () => {
    const log = await HistoryLog.open(path('history.jsonl'), { now: () => new Date('2026-05-05T20:00:00Z') });
    await log.append({ event: 'policy_rejected', problems: ['ct/constraint.yaml: OPA loads data from …'] });
    await log.close();
    expect(await policies('history')).toBe(0);
    expect(stdout).toContain('✘ the folder was refused:\n    ct/constraint.yaml: OPA loads data from …\n');
    stdout = '';
    expect(await policies('history', '-o', 'json')).toBe(0);
    obeys('policy-history', JSON.parse(stdout));
  });

  test('the newest, as many as are wanted; what decides is said also when it is older', async () => {
    await history(first);
    expect(await policies('history', '-n', '1')).toBe(0);
    expect(stdout).toBe(
      `2026-05-05T20:04:00Z  ○ 333333333333 took over: x/x.rego\nRevision 111111111111 decides now.\n`,
    );
  });

  test('as JSON', async () => {
    await history(third);
    expect(await policies('history', '-o', 'json')).toBe(0);
    const document: unknown = JSON.parse(stdout);
    obeys('policy-history', document);
    expect(document).toMatchObject({
      decides: third,
      revisions: [
        { revision: first, result: 'activated', decides: false },
        { revision: second, result: 'rejected', problems: ['x/x.rego:3:1 rego_parse_error: no'] },
        { revision: third, result: 'activated', decides: true },
      ],
    });
  });

  test('without a history, and without a controller ever', async () => {
    expect(await policies('history')).toBe(0);
    expect(stdout).toBe('No policies decide here yet.\n');
    expect(stderr).toContain('no events yet: there is no ');
    await history();
    stdout = '';
    expect(await policies('history', '-n', '0')).toBe(0);
    expect(stdout).toBe('No policies decide here yet.\n');
  });
});

describe('without an engine', () => {
  test.each([
    ['test', []],
    ['explain', ['infrastructure']],
  ])('policies %s says what it needs one for', async (command, args) => {
    expect(await policies(command, ...args)).toBe(1);
    expect(stderr).toMatch(
      /^policies are tried in containers of openpolicyagent\/opa\S*, for which an engine is needed: the container engine does not answer/,
    );
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  test('a folder that OPA would not be given is refused all the same, with its place', async () => {
    await mkdir(path('policies/x'), { recursive: true });
    await writeFile(
      path('policies/x/x.rego'),
      '# METADATA\n# custom:\n#   questions: [deplo]\npackage swiftdeploy.x\n',
    );
    expect(await policies('test', '-o', 'json')).toBe(1);
    const document: unknown = JSON.parse(stdout);
    obeys('policy-test', document);
    expect(document).toMatchObject({
      result: 'fail',
      domains: [],
      problems: [{ file: 'x/x.rego', row: 3, column: 17, code: 'bad-metadata' }],
    });
    stdout = '';
    expect(await policies('test')).toBe(1);
    expect(stdout).toMatch(
      /✘ .*policies {2}cannot be used as it stands\n {4}✘ x\/x\.rego:3:17 bad-metadata: "deplo" is no question/,
    );
    expect(stderr).toMatch(/✘ a controller would refuse .*policies \(1 problem\)/);
  });

  test('a folder in which no domain is', async () => {
    await mkdir(path('policies'));
    expect(await policies('test')).toBe(1);
    expect(stdout).toContain('no-domain: the policy folder has no domain: a domain is a folder with');
  });

  test('no folder', async () => {
    expect(await policies('test', '--policies', path('none'))).toBe(1);
    expect(stdout).toContain('missing: the policy folder');
  });

  test('a domain that there is not', async () => {
    expect(await policies('explain', 'infrastrukture')).toBe(1);
    expect(stderr).toContain('did you mean infrastructure?');
  });

  test('a folder that nobody can be asked from', async () => {
    expect(await policies('explain', 'x', '--policies', path('none'))).toBe(1);
    expect(stderr).toMatch(/none: the policy folder .* does not exist/);
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});

describe('what policies test found', () => {
  const set = policySetOf(
    ['a/a.rego', 'a/a_test.rego', 'b/b.rego', 'old.rego'].map((file) => ({
      path: file,
      content: Buffer.from(
        `package swiftdeploy.${/^\w+/.exec(file)?.[0] ?? ''}\n${file.includes('_test') ? 'test_x if true\ntest_y if true\n' : ''}`,
      ),
    })),
  );
  const facts: TestFacts = {
    dir: 'policies',
    image: 'opa',
    set,
    coverage: [
      {
        file: 'a/a.rego',
        covered: 8,
        notCovered: 3,
        gaps: [
          [3, 4],
          [9, 9],
        ],
      },
      { file: 'a/a_test.rego', covered: 1, notCovered: 9, gaps: [[1, 9]] },
      { file: 'b/b.rego', covered: 0, notCovered: 5, gaps: [[1, 5]] },
    ],
    check: { problems: [], warnings: [] },
  };

  function page(wanted: TestFacts, only?: string): string {
    const all = testDocument(wanted);
    const document = only === undefined ? all : onlyDomain(all, only);
    obeys('policy-test', document);
    const results = testResults(document);
    const lines = results.map((result) => checkLines(result, nameWidth(results), plain));
    return [...lines, testVerdict(document, plain)].join('\n');
  }

  test('a line per domain: its tests, what they cover, what they do not', () => {
    expect(page(facts)).toBe(
      `✔ a    2 tests passed, 72.7 % of its lines covered; none reaches a/a.rego:3-4, 9
! b    has no tests
  → write b/b_test.rego
! old  has no tests
  → write old/old_test.rego
✔ a controller would take policies, as revision ${set.revision.slice(0, 12)}`,
    );
  });

  test('of one domain alone; what fails elsewhere is not told', () => {
    const problems = [{ file: 'b/b_test.rego', row: 2, code: 'test_failed', message: 'b.test_z' }];
    const failing = { ...facts, check: { problems, warnings: [] } };
    expect(page(failing, 'a')).toBe(
      `✔ a  2 tests passed, 72.7 % of its lines covered; none reaches a/a.rego:3-4, 9
✔ nothing in a keeps a controller from policies: "swiftdeploy policies test" tells the other domains`,
    );
    expect(onlyDomain(testDocument(failing), 'a').result).toBe('ok');
    expect(onlyDomain(testDocument(failing), 'b').result).toBe('fail');
  });

  test('of one domain in a set that does not compile: what keeps it from that is told', () => {
    const problems = [{ file: 'b/b.rego', row: 2, code: 'rego_parse_error', message: 'no' }];
    const uncompiled = { dir: 'policies', image: 'opa', set, check: { problems, warnings: [] } };
    expect(page(uncompiled, 'a')).toContain('b/b.rego:2');
    expect(page(uncompiled, 'a')).not.toContain('old');
    expect(onlyDomain(testDocument(uncompiled), 'a').result).toBe('fail');
  });

  test('a set that does not compile: nobody knows of any test', () => {
    const problems = [{ file: 'a/a.rego', row: 2, code: 'rego_parse_error', message: 'no' }];
    expect(page({ dir: 'policies', image: 'opa', set, check: { problems, warnings: [] } })).toBe(
      `✘ a    its tests were not run
    ✘ a/a.rego:2 rego_parse_error: no
- b    its tests were not run
- old  its tests were not run
✘ a controller would refuse policies (1 problem): the last good policies would go on deciding`,
    );
  });

  test('problems stand with their domain, those of nobody at the end', () => {
    const problems = [
      { file: 'a/a_test.rego', row: 5, column: 1, code: 'test_failed', message: 'swiftdeploy.a.test_y' },
      { file: 'old.rego', row: 2, code: 'rego_parse_error', message: 'no', hint: 'convert it' },
      { code: 'opa_error', message: 'no memory' },
    ];
    const warnings = [{ file: 'b/b.rego', code: 'probe', message: 'allows an empty input' }];
    expect(page({ ...facts, check: { problems, warnings } })).toBe(
      `✘ a         1 test passed, 1 failed, 72.7 % of its lines covered; none reaches a/a.rego:3-4, 9
    ✘ a/a_test.rego:5:1 test_failed: swiftdeploy.a.test_y
! b         has no tests
    ! b/b.rego probe: allows an empty input
✘ old       has no tests
    ✘ old.rego:2 rego_parse_error: no
      → convert it
✘ policies  cannot be used as it stands
    ✘ opa_error: no memory
✘ a controller would refuse policies (3 problems): the last good policies would go on deciding`,
    );
  });
});

describe('the question that is explained', () => {
  const loaded = loadManifest(
    Buffer.from(`services:
  { name: app, image: "app:1", port: 3000, mode: stable, version: "1.0.0", env: { API_KEY: hunter2 } }
nginx: { image: "nginx:latest", port: 8080 }
network: { name: n }
`),
    'manifest.yaml',
  );
  if (!loaded.ok) throw new Error('the sample is broken');
  const [app] = loaded.stack.services;
  const isInput = validatorOf('policy-input');
  const host = { disk_free_gb: 1, cpu_load_1m: 1, cpu_count: 1, mem_free_percent: 1 };

  test.each(QUESTIONS)('%s obeys the schema of the input, and says nothing secret', (question) => {
    if (app === undefined) throw new Error('the sample is broken');
    const facts = imaginedQuestion(question, app);
    const input = policyInput('x', { ...facts, stack: 'n', host, limits: {} });
    expect(isInput(input) ? [] : isInput.errors).toEqual([]);
    expect(JSON.stringify(input)).toContain('API_KEY');
    expect(JSON.stringify(input)).not.toContain('hunter2');
  });
});
