/** What the shipped policies promise as a set: who is asked what, domains that know nothing of each other, and a schema that finds a misspelt field. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { StartedTestContainer } from 'testcontainers';
import { afterEach, expect, test } from 'vitest';
import { opaCheckArgs, parseCheckOutput } from '../../src/reconcilers/policy/check-policies.js';
import { policyCheckBundle } from '../../src/reconcilers/policy/policy-bundle.js';
import type { PolicyFile } from '../../src/reconcilers/policy/policy-files.js';
import { isTestFile, policySetOf, readPolicySet } from '../../src/reconcilers/policy/policy-set.js';
import { regoPackage } from '../../src/reconcilers/policy/rego-package.js';
import { startIdleOpa } from './opa-container.js';

const SHIPPED = fileURLToPath(new URL('../../policies', import.meta.url));
const SCHEMA = fileURLToPath(new URL('../../schema/policy-input.schema.json', import.meta.url));
const SCHEMA_DIR = '/schemas';

const set = await readPolicySet(SHIPPED);
const rego = set.files.filter(({ path }) => path.endsWith('.rego'));
const rules = rego.filter(({ path }) => !isTestFile(path));
const domains = set.domains.map(({ name }) => name);

let opa: StartedTestContainer | undefined;

afterEach(async () => {
  await opa?.stop();
  opa = undefined;
});

/** Against the schema of the input, every problem at once. */
async function checkOf(files: readonly PolicyFile[]) {
  opa = await startIdleOpa(policyCheckBundle(policySetOf(files)));
  const target = `${SCHEMA_DIR}/input.json`;
  await opa.copyContentToContainer([{ content: await readFile(SCHEMA), target }]);
  const args = [...opaCheckArgs(), `--schema=${SCHEMA_DIR}`, '--max-errors=1000'];
  return parseCheckOutput(await opa.exec(['/opa', ...args]));
}

interface Place {
  readonly file: string;
  readonly row: number;
}

const FIELD = /\binput(?:\.[a-z_0-9]+)+/g;

/** `input.service.name` becomes `input.service.namex`, wherever it stands in code. */
function misspell(file: PolicyFile, found: Place[]): PolicyFile {
  const rows = file.content.toString('utf8').split('\n');
  const misspelt = rows.map((text, index) => {
    if (text.trimStart().startsWith('#') || text.search(FIELD) === -1) return text;
    found.push({ file: file.path, row: index + 1 });
    return text.replaceAll(FIELD, '$&x');
  });
  return { ...file, content: Buffer.from(misspelt.join('\n')) };
}

function placesIn(file: PolicyFile, pattern: RegExp): readonly string[] {
  return [...file.content.toString('utf8').matchAll(pattern)].map(([text]) => `${file.path}: ${text}`);
}

test('each domain is asked what it has an answer for', () => {
  expect(Object.fromEntries(set.domains.map(({ name, questions }) => [name, questions.join(' ')]))).toEqual({
    admission: 'deploy replace start_canary promote',
    canary: 'promote rollback analyse',
    infrastructure: 'deploy replace heal start_canary promote rollback remove',
    override: 'override',
    source: 'deploy replace start_canary promote',
  });
});

test('opa check --strict --schema', async () => {
  expect(await checkOf(set.files)).toEqual([]);
});

test('every misspelt field of the input is found where it stands', async () => {
  const misspelt: Place[] = [];
  const problems = await checkOf(
    set.files.map((file) => (rules.includes(file) ? misspell(file, misspelt) : file)),
  );
  const found = new Set(
    problems
      .filter(({ code }) => code === 'rego_type_error')
      .map(({ file, row }) => `${String(file)}:${String(row)}`),
  );
  expect(new Set(misspelt.map(({ file }) => file.split('/')[0]))).toEqual(new Set(domains));
  expect(misspelt.filter(({ file, row }) => !found.has(`${file}:${String(row)}`))).toEqual([]);
});

test.each(rego.map((file) => [file.path, file] as const))('%s is of its folder alone', (path, file) => {
  const [domain = ''] = path.split('/');
  const name = isTestFile(path) ? `${domain}_test` : domain;
  expect(regoPackage(file.content.toString('utf8'))).toEqual(['swiftdeploy', name]);
  const others = domains.filter((other) => other !== domain).join('|');
  expect(placesIn(file, new RegExp(`data\\.(?:swiftdeploy\\.)?(?:${others})\\b`, 'g'))).toEqual([]);
});

test('no two tests of a package have one name: the second would hide', () => {
  for (const file of rego.filter(({ path }) => isTestFile(path))) {
    const names = placesIn(file, /^test_\w+/gm);
    expect(names.length).toBeGreaterThan(10);
    expect(names).toEqual([...new Set(names)]);
  }
});

test('thresholds stand in data: every domain has a data file of its own', () => {
  const withData = set.files
    .filter(({ path }) => path.endsWith('/data.json'))
    .map(({ path }) => path.split('/')[0]);
  expect(withData).toEqual(domains);
});
