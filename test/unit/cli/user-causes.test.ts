/** "No stack trace for anything that a user can cause": every command, by everything that can be wrong with a folder. No engine answers here. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.js';
import { commandLine, main } from '../../../src/cli/program.js';
import { forgetSignals } from '../../support/forget-signals.js';
import { serveQuietEngine } from '../../support/quiet-engine.js';
import { EMPTY_STATUS } from '../../support/empty-status.js';

/** By the command's path; a command that is not here fails the test below. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  validate: [],
  plan: [],
  render: [],
  deploy: ['--timeout', '1s'],
  promote: ['canary'],
  'rollout status': [],
  'rollout history': [],
  'rollout pause': [],
  'rollout resume': [],
  'rollout abort': [],
  'rollout retry': [],
  run: ['--once', '--listen', 'off'],
  reconcile: ['--timeout', '1s'],
  suspend: [],
  resume: [],
  teardown: ['--yes'],
  status: [],
  events: [],
  wait: ['--for=condition=Ready', '--timeout=0'],
  audit: [],
  'policies test': [],
  'policies explain': ['canary'],
  'policies new': ['mine'],
  'policies history': [],
  doctor: [],
  explain: ['services'],
  completion: ['bash'],
  version: [],
  help: [],
};

type Files = Readonly<Record<string, string>>;

/** What is written over a folder that has a manifest and a status; `/` at the end: a directory. */
const FOLDERS: Readonly<Record<string, Files>> = {
  'all files in order': {},
  'a directory as manifest': { 'manifest.yaml/': '' },
  'status.json that is no JSON': { 'status.json': '{"kind": "Sta' },
  'status.json of another shape': status({ services: [null, { name: 'app', mode: 'stable' }] }),
  'status.json as a directory': { 'status.json/': '' },
  'state.json that is no JSON': { '.swiftdeploy/state.json': '{' },
  'state.json of another shape': {
    '.swiftdeploy/state.json': '{"memory": {"services": {"app": null}}, "stack": {"services": [{}]}}',
  },
  'history.jsonl of other lines': {
    'history.jsonl': 'null\n[1]\n{"event": 5}\n{"event": "deploy", "seq": "x"}\n',
  },
  'history.jsonl as a directory': { 'history.jsonl/': '' },
};

function status(fields: object): Files {
  return { 'status.json': JSON.stringify({ ...EMPTY_STATUS, ...fields }) };
}

let told = '';
let dir = '';
let manifest = '';

beforeEach(async () => {
  told = '';
  dir = await mkdtemp(join(tmpdir(), 'swd-causes-'));
  manifest = join(dir, 'manifest.yaml');
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((told += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((told += String(text)), true));
  vi.stubEnv('DOCKER_HOST', `unix://${dir}/no-engine.sock`);
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  forgetSignals();
  await rm(dir, { recursive: true, force: true });
});

async function lay(files: Files): Promise<void> {
  await writeFile(manifest, await readFile('manifest.yaml'));
  for (const [name, content] of Object.entries({ ...status({}), ...files })) {
    const isDirectory = name.endsWith('/');
    const path = join(dir, isDirectory ? name.slice(0, -1) : name);
    await rm(path, { recursive: true, force: true });
    await mkdir(isDirectory ? path : dirname(path), { recursive: true });
    if (!isDirectory) await writeFile(path, content);
  }
}

const WITHOUT_FILES = new Set(['explain', 'completion', 'help']);

/** They plan with what was noted, where an engine answers. */
describe.each(['plan', 'status', 'policies explain'])('%s, by an engine that has nothing', (command) => {
  test.each(['state.json that is no JSON', 'state.json of another shape'])('%s', async (folder) => {
    await lay(FOLDERS[folder] ?? {});
    await serveQuietEngine(join(dir, 'engine.sock'), `engine-${randomUUID()}`);
    await expectWords(command);
  });
});

async function expectWords(command: string): Promise<void> {
  const about = WITHOUT_FILES.has(command) ? [] : ['-f', manifest];
  await main(['node', 'swiftdeploy', ...command.split(' '), ...(ARGUMENTS[command] ?? []), ...about]);
  expect(told.length).toBeGreaterThan(0);
  expect(told).not.toContain('this should not have happened');
  expect(told).not.toMatch(/\n {4}at |Cannot (read|destructure)|is not iterable|is not a function/);
  expect(told, 'a file that is not named').not.toMatch(/(^|\s)a file cannot be read/);
}

test('every command is among them', () => {
  const { commands } = commandLine(COMMANDS, () => undefined);
  const paths = commands.flatMap((group) =>
    group.commands.length === 0
      ? [group.name()]
      : group.commands.map((command) => `${group.name()} ${command.name()}`),
  );
  expect(Object.keys(ARGUMENTS).sort()).toEqual(paths.sort());
});

describe.each(Object.keys(ARGUMENTS))('%s ends with a sentence and no stack trace', (command) => {
  test('without a manifest', () => expectWords(command));

  const folders = WITHOUT_FILES.has(command) ? [] : Object.keys(FOLDERS);

  test.each(folders)('with %s', async (folder) => {
    await lay(FOLDERS[folder] ?? {});
    await expectWords(command);
  });
});
