/** What authors are promised, in OPA's own image: the examples of docs/policies.md, `policies new`, `policies test`, `policies explain`. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020, type SchemaObject } from 'ajv/dist/2020.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/program.js';
import type { PolicyExplanation } from '../../src/cli/policies/explanation.js';
import type { PolicyTestDocument } from '../../src/cli/policies/test-document.js';
import { connectEngine } from '../../src/reconcilers/docker/connect.js';
import { CapabilityShelf } from '../../src/reconcilers/policy/capabilities.js';
import { checkInContainer } from '../../src/reconcilers/policy/check-container.js';
import type { PolicyProblem } from '../../src/reconcilers/policy/check-policies.js';
import { runCoverage } from '../../src/reconcilers/policy/run-coverage.js';
import explanationSchema from '../../schema/policy-explanation.schema.json' with { type: 'json' };
import testSchema from '../../schema/policy-test.schema.json' with { type: 'json' };
import { documentedPolicies } from '../support/documented-policies.js';
import { docker } from '../support/engine.js';
import { forgetSignals } from '../support/forget-signals.js';

const STACK = `swd-authors-${String(process.pid)}`;
const IMAGE = 'openpolicyagent/opa:latest-static';

/** A domain on its own leaves questions to others. */
const NOBODY_TO_ASK = [expect.objectContaining({ code: 'nobody_to_ask' }) as PolicyProblem];

describe('docs/policies.md', () => {
  const examples = documentedPolicies();
  const shelf = new CapabilityShelf();
  const place = { engine: connectEngine(process.env), stack: STACK, image: IMAGE, timeoutMs: 60_000 };
  const withTests = examples.filter(({ set }) => set.files.some(({ path }) => path.endsWith('_test.rego')));

  test('has examples that are taken and examples that are refused', () => {
    const count = (refused: boolean) =>
      examples.filter(({ refusal }) => (refusal !== undefined) === refused).length;
    expect([count(false), count(true), withTests.length]).toEqual([2, 2, 1]);
  });

  test.each(examples)('the example $name', async ({ set, refusal }) => {
    const check = await checkInContainer(place, set, shelf);
    const said = check?.problems.map(problemText).join('\n') ?? '';
    if (refusal === undefined) expect(check).toMatchObject({ problems: [], warnings: NOBODY_TO_ASK });
    else expect(said).toContain(refusal);
  });

  test.each(withTests)('the example $name is covered by its tests', async ({ set }) => {
    const covered = await runCoverage(place, set);
    expect(covered?.files.filter(({ notCovered }) => notCovered > 0)).toEqual([]);
  });
});

/** As the page shows it. */
function problemText({ file = '', row, column, code, message, hint }: PolicyProblem): string {
  const where = [file, row, column].filter((part) => part !== undefined).join(':');
  return `${where} ${code}: ${message}${hint === undefined ? '' : `\n  → ${hint}`}`;
}

describe('a new domain', () => {
  let dir = '';
  let stdout = '';
  let stderr = '';

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'swd authors-'));
    const sample = await readFile('manifest.yaml', 'utf8');
    const secret = sample.replace(/^( +)port: 3000.*$/m, '$&\n$1env: { API_KEY: "hunter2" }\n$1replicas: 3');
    await mkdir(join(dir, 'policies'));
    await writeFile(join(dir, 'manifest.yaml'), `name: ${STACK}\n${secret}`);
  });

  beforeEach(() => {
    [stdout, stderr] = ['', ''];
    vi.stubEnv('NO_COLOR', '1');
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
  });

  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    forgetSignals();
  });

  afterAll(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  function policies(...args: string[]): Promise<number> {
    return main(['node', 'swiftdeploy', 'policies', ...args, '-f', join(dir, 'manifest.yaml')]);
  }

  function obeying<T>(schema: SchemaObject): T {
    const document = JSON.parse(stdout) as T;
    const validate = new Ajv2020({ allErrors: true, strict: true, strictRequired: false }).compile(schema);
    expect(validate(document) ? [] : validate.errors).toEqual([]);
    return document;
  }

  test('passes as it stands: every test, every line', async () => {
    expect(await policies('new', 'replica_cap')).toBe(0);
    stdout = '';
    expect(await policies('test', '-o', 'json')).toBe(0);
    const { result, domains, problems, warnings } = obeying<PolicyTestDocument>(testSchema);
    expect({ result, problems, warnings }).toEqual({ result: 'ok', problems: [], warnings: NOBODY_TO_ASK });
    expect(domains).toEqual([
      {
        domain: 'replica_cap',
        result: 'ok',
        questions: ['deploy', 'replace', 'start_canary'],
        tests: { passed: 6, failed: 0 },
        coverage: 100,
        uncovered: [],
        problems: [],
        warnings: [],
      },
    ]);
  });

  test('beside the shipped ones, whose tests print: every test, every line of them, too', async () => {
    const shipped = await mkdtemp(join(tmpdir(), 'swd shipped-'));
    try {
      await cp('policies', shipped, { recursive: true });
      expect(await policies('test', '--policies', shipped, '-o', 'json')).toBe(0);
      const { domains } = obeying<PolicyTestDocument>(testSchema);
      expect(domains.map(({ domain }) => domain)).toContain('infrastructure');
      expect(domains.filter(({ tests, coverage }) => (tests?.passed ?? 0) === 0 || coverage !== 100)).toEqual(
        [],
      );
    } finally {
      await rm(shipped, { recursive: true });
    }
  });

  test('its threshold is data: with another value, the same tests pass', async () => {
    const data = join(dir, 'policies/replica_cap/data.json');
    const text = await readFile(data, 'utf8');
    await writeFile(data, text.replace('10', '1'));
    expect(await policies('test')).toBe(0);
    await writeFile(data, text);
  });

  test('is explained: what goes in, without a secret, what comes out, by which rules', async () => {
    expect(await policies('explain', 'replica_cap', '-o', 'json')).toBe(0);
    const { input, answer, fired, asked, notes } = obeying<PolicyExplanation>(explanationSchema);
    expect(stdout).not.toContain('hunter2');
    expect(input).toMatchObject({
      question: 'deploy',
      stack: STACK,
      service: { name: 'app', replicas: 3, env: ['API_KEY'] },
    });
    expect(answer).toEqual({
      allow: true,
      reasons: [],
      checked: [{ fact: 'replicas', observed: 3, limit: 10 }],
    });
    expect(fired.map(({ rule }) => rule)).toContain('allow');
    expect({ asked, notes }).toEqual({ asked: true, notes: [] });
  });

  test('is explained about facts of somebody else, with the trace', async () => {
    await writeFile(
      join(dir, 'facts.json'),
      JSON.stringify({ limits: { max_replicas: 2 }, service: { replicas: 3 } }),
    );
    const facts = ['--input', join(dir, 'facts.json'), '--question', 'heal'];
    expect(await policies('explain', 'replica_cap', ...facts, '--trace')).toBe(0);
    expect(stdout).toContain(
      'answer  ✘ denied\n  3 replicas are more than the 2 that are allowed (too_many_replicas)',
    );
    expect(stdout).toMatch(/ {2}replica_cap\/replica_cap\.rego:\d+ +allow \(its default\)\n/);
    expect(stdout).toMatch(/\ntrace\n {2}query:1 /);
    expect(stdout).toMatch(
      /\n {2}replica_cap\/replica_cap\.rego:\d+ +[| ]+Enter data\.swiftdeploy\.replica_cap\.allow\n/,
    );
    expect(stdout).toContain('! a controller does not put this question to replica_cap');
  });

  test('facts that are not there, or are none, are told as such', async () => {
    await writeFile(join(dir, 'list.json'), '[]');
    for (const [file, says] of [
      ['none.json', 'does not exist'],
      ['list.json', 'is no JSON object'],
    ] as const) {
      expect(await policies('explain', 'replica_cap', '--input', join(dir, file))).toBe(1);
      expect(stderr).toContain(`${join(dir, file)} ${says}`);
    }
  });

  test('a domain that answers nothing is explained as the gate would take it', async () => {
    await writeFile(
      join(dir, 'policies/replica_cap/replica_cap.rego'),
      'package swiftdeploy.replica_cap\n\nx := 1\n',
    );
    expect(await policies('explain', 'replica_cap')).toBe(1);
    expect(stdout).toContain(
      'answer  ✘ denied\n  no policy answers this question: swiftdeploy.replica_cap.decision',
    );
  });

  test('what does not compile names its place; the check and the explanation agree', async () => {
    await writeFile(
      join(dir, 'policies/replica_cap/replica_cap.rego'),
      'package swiftdeploy.replica_cap\n\nallow {\n\ttrue\n}\n',
    );
    expect(await policies('test')).toBe(1);
    expect(stdout).toMatch(
      /✘ replica_cap +its tests were not run\n {4}✘ replica_cap\/replica_cap\.rego:3:1 rego_parse_error/,
    );
    expect(stdout).toContain(
      '→ Rego from before OPA 1.0; convert it with: opa fmt --write --v0-v1 replica_cap/replica_cap.rego',
    );
    expect(stderr).toContain('a controller would refuse');
    stderr = '';
    expect(await policies('explain', 'replica_cap')).toBe(1);
    expect(stderr).toMatch(/does not compile, so nothing can be asked:\nreplica_cap\/replica_cap\.rego:3/);
  });

  test('leaves nothing on the engine', async () => {
    const filters = { label: [`swiftdeploy.stack=${STACK}`] };
    expect(await docker.listContainers({ all: true, filters })).toEqual([]);
  });
});
