import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { fieldDoc, type FieldDoc } from '../../../src/cli/explain/field-doc.js';
import { findField } from '../../../src/cli/explain/find-field.js';
import { OTHER_NAMES } from '../../../src/cli/explain/other-names.js';
import { allPaths } from '../../../src/cli/explain/schema-node.js';
import { TOPIC_PATHS } from '../../../src/cli/explain/topics.js';
import { main } from '../../../src/cli/program.js';
import { validatorOf } from '../../support/published-schemas.js';
import { say } from '../desired/manifest-text.js';

let stdout = '';
let stderr = '';

beforeEach(() => {
  [stdout, stderr] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
});

afterEach(() => vi.restoreAllMocks());

function explain(...args: string[]): Promise<number> {
  return main(['node', 'swiftdeploy', 'explain', ...args]);
}

function docOf(path: string): FieldDoc {
  const found = findField(path);
  if (found.kind === 'none') throw new Error(found.why);
  return fieldDoc(found.field);
}

function why(path: string): string {
  const found = findField(path);
  return found.kind === 'none' ? found.why : `found ${found.field.path}`;
}

describe('a field', () => {
  test('says type, unit, default, what is allowed, and an example', async () => {
    expect(await explain('services.health.deadline')).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "services.health.deadline

        A new replica that is not ready by then has failed.

        type      duration
        unit      seconds, or a duration
        default   60s
        allowed   1s to 24h
        rule      must be a duration such as 500ms, 5s or 1m30s, or a number of seconds

      Example
        services:
          health:
            deadline: 60s
      "
    `);
  });

  test('says what is under it', async () => {
    await explain('services.resources');
    expect(stdout).toMatchInlineSnapshot(`
      "services.resources

        Limits of one container.

        type      mapping

      Example
        services:
          resources:
            cpus: 0.5
            memory: 256m
            pids: 512

      Keys
        cpus  number or text, default no limit
            Processor time; 0.5 is half a core.
        memory  size, default no limit
            Memory.
        pids  whole number, default 512
            Most processes and threads.
      "
    `);
  });

  test('shows the tree of what is under it', async () => {
    await explain('network', '--recursive');
    expect(stdout).toMatchInlineSnapshot(`
      "network        mapping, required
        name         text, required
        driver_type  bridge, default bridge
      "
    `);
  });

  test('of a service is required where the service itself must have it', () => {
    expect([docOf('services.image').required, docOf('services.port').required]).toEqual([true, true]);
    expect(docOf('services.version').required).toBe(false);
  });

  test('without a name is the manifest', async () => {
    expect(await explain()).toBe(0);
    expect(stdout).toMatch(/^manifest\.yaml\n/);
    for (const key of ['services', 'nginx', 'opa', 'network']) expect(stdout).toContain(`\n  ${key}  `);
  });
});

const BASE = {
  services: { image: 'app', port: 3000, route: { path: '/' } },
  nginx: { image: 'nginx', port: 8080 },
  network: { name: 'net' },
};

/** `from` laid over `onto`, mappings joined. */
function merged(onto: unknown, from: unknown): unknown {
  if (!isMapping(onto) || !isMapping(from)) return from;
  const keys = [...new Set([...Object.keys(onto), ...Object.keys(from)])];
  return Object.fromEntries(
    keys.map((key) => [key, key in from ? merged(onto[key], from[key]) : onto[key]] as const),
  );
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

describe('every field of the schema', () => {
  test.each(allPaths())('%s has an example that a manifest may hold', (path) => {
    const doc = docOf(path);
    if (doc.example === undefined) throw new Error(`${path} has none: add it to src/cli/explain/examples.ts`);
    const merge = merged(BASE, parse(doc.example));
    expect(
      say(stringify(merge))
        .split('\n')
        .filter((line) => line.startsWith('error')),
    ).toEqual([]);
    expect(doc.description).not.toBe('');
    expect(doc.type).not.toMatch(/undefined|^$/);
  });
});

describe('a field is found', () => {
  test.each([
    ['services.port', 'services.port'],
    ['services[].port', 'services.port'],
    ['.services.port.', 'services.port'],
    ['services.web.port', 'services.port'],
    ['services.web.health.path', 'services.health.path'],
    ['replicas', 'services.replicas'],
    ['health.path', 'services.health.path'],
    ['policy.infrastructure.min_disk_free_gb', 'policy.infrastructure.min_disk_free_gb'],
    ['services.env.COLOUR', 'services.env.COLOUR'],
  ])('%s is %s', (typed, path) => {
    expect(docOf(typed).field).toBe(path);
  });

  test.each([...OTHER_NAMES])('under the name that others give it: %s is %s', (other, ours) => {
    const found = findField(other);
    expect(found).toMatchObject({ kind: 'field', field: { path: ours } });
    expect(found).toHaveProperty('note', `${other} is another dialect's name: here it is ${ours}`);
  });

  test('the name that was asked for stays off stdout', async () => {
    expect(await explain('restart')).toBe(0);
    expect(stdout).toMatch(/^services\.restart_policy\n/);
    expect(stderr).toBe("restart is another dialect's name: here it is services.restart_policy\n");
  });
});

describe('what is no field is answered with what was probably meant', () => {
  test.each([
    ['services.helth', 'there is no field services.helth, did you mean services.health?'],
    ['services.helth.deadline', 'did you mean services.health.deadline?'],
    ['services.restrt', 'did you mean services.restart_policy?'],
    ['servces', 'did you mean services?'],
    ['deadlin', 'did you mean services.health.deadline?'],
    ['port', 'there are several port: services.port, nginx.port, opa.port'],
    ['bogus', 'there is no field bogus: the manifest has name, services, nginx'],
    ['services.zzzzzz', 'services has name, image, port'],
    ['services.port.number', 'services.port has no keys of its own'],
    ['constructor', 'there is no field constructor'],
    ['services.__proto__', 'there is no field'],
    ['x'.repeat(5000), 'there is no field'],
  ])('%s', (typed, says) => {
    expect(why(typed)).toContain(says);
  });

  test('with exit code 1 and nothing on stdout', async () => {
    expect(await explain('services.helth')).toBe(1);
    expect([stdout, stderr]).toEqual([
      '',
      'there is no field services.helth, did you mean services.health?\n',
    ]);
  });
});

describe('conditions and events', () => {
  test.each([
    [['conditions.Ready'], /^Ready\n {2}The world is.*\n {2}polarity {5}positive: True is good\n/],
    [['condition', 'stalled'], /^Stalled\n[^]*negative: True is bad/],
    [['condition/Promoted'], /^Promoted\n/],
    [['InSync'], /^InSync\n/],
    [['conditions'], /^Ready\n[^]*\n\nPromoted\n/],
    [['events.deploy'], /^deploy\n {2}A version serves/],
    [['event', 'drift_healed'], /^drift_healed\n/],
    [['policy_denied'], /^policy_denied\n/],
    [['deploy'], /^deploy\n {2}A version serves/],
    [['suspended'], /^suspended\n {2}A person/],
  ])('%j', async (args, says) => {
    expect(await explain(...args)).toBe(0);
    expect(stdout).toMatch(says);
  });

  test('no field has the name of one: a bare name is clear', () => {
    const names = TOPIC_PATHS.flatMap((path) => path.split('.').slice(1));
    expect(names.filter((name) => findField(name).kind === 'field')).toEqual([]);
  });

  test.each([
    ['conditions.Redy', 'there is no condition Redy: did you mean Ready?'],
    ['events.bogus', 'there is no event bogus: there are deploy, promote'],
  ])('%s', async (typed, says) => {
    expect(await explain(typed)).toBe(1);
    expect(stderr).toContain(says);
  });
});

test.each([
  ['Redy', 'Ready'],
  ['polcy_denied', 'policy_denied'],
  ['rolback', 'rollback'],
])('%s is answered with the condition or event %s', async (typed, meant) => {
  expect(await explain(typed)).toBe(1);
  expect([stdout, stderr]).toEqual([
    '',
    `there is no field, condition or event ${typed}, did you mean ${meant}?\n`,
  ]);
});

test.each(['NothingDenied', 'Paused', 'Drift', 'AsApplied', 'Settled', 'Denied'])(
  'a reason of a condition, %s, is answered with where reasons are told',
  async (reason) => {
    expect(await explain(reason)).toBe(1);
    expect([stdout, stderr]).toEqual(['', expect.stringContaining('"Reasons" in docs/status.md')]);
  },
);

test('a key in capitals is still taken for a key', async () => {
  expect(await explain('Services')).toBe(1);
  expect(stderr).toContain('did you mean services?');
});

const validate = validatorOf('explain');

test.each([
  [''],
  ['services'],
  ['policy.infrastructure.max_cpu_load'],
  ['opa.policies_dir'],
  ...TOPIC_PATHS.map((path) => [path]),
])('-o json of %j obeys its schema', async (asked) => {
  expect(await explain(asked, '-o', 'json')).toBe(0);
  const document: unknown = JSON.parse(stdout);
  expect(validate(document) ? [] : validate.errors).toEqual([]);
  expect(stderr).toBe('');
});
