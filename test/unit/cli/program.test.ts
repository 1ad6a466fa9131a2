import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { durationOption } from '../../../src/cli/basics/options.js';
import { COMMANDS } from '../../../src/cli/commands.js';
import { commandLine, main } from '../../../src/cli/program.js';
import { validatorOf } from '../../support/published-schemas.js';
import { forgetSignals } from '../../support/forget-signals.js';

let stdout = '';
let stderr = '';
let dir = '';

beforeEach(async () => {
  [stdout, stderr] = ['', ''];
  dir = await mkdtemp(join(tmpdir(), 'swd-cli-'));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
  vi.stubEnv('DOCKER_HOST', `unix://${dir}/no-engine.sock`);
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  forgetSignals();
  await rm(dir, { recursive: true, force: true });
});

function swiftdeploy(...args: string[]): Promise<number> {
  return main(['node', 'swiftdeploy', ...args]);
}

describe('a command line that is not understood', () => {
  test.each([
    [['delpoy'], 'Did you mean deploy?'],
    [['deploy', '--timout', '3s'], 'Did you mean --timeout?'],
    [['promote', 'canari'], 'Allowed choices are canary, stable.\n(Did you mean canary?)'],
    [['status', '-o', 'jsn'], '(Did you mean json?)'],
    [['run', '--log-level', 'inof'], '(Did you mean info?)'],
    [['-f', 'x.yaml', 'deploy'], 'options follow the command'],
    [['promote'], "missing required argument 'mode'"],
    [['run', '--listen', 'nonsense'], 'write HOST:PORT, as 127.0.0.1:9464, or off'],
    [['run', '--listen', '127.0.0.1:99999'], 'write HOST:PORT, as 127.0.0.1:9464, or off'],
    [['deploy', '--timeout', 'soon'], 'write a duration, as 60s or 2m'],
    [['status', '-o', 'yaml'], 'Allowed choices are text, json'],
    [['status', '--watch', '-o', 'json'], 'cannot be used with option'],
    [['status', '--watch', '--interval', 'soon'], 'write a duration, as 60s or 2m'],
    [['deploy', 'now'], 'too many arguments'],
    [['policies', 'tset'], 'Did you mean test?'],
    [['policies', 'test', '--polices', 'x'], 'Did you mean --policies?'],
    [['policies', 'explain', 'x', '--question', 'healing'], '(Did you mean heal?)'],
    [['policies', 'new'], '("swiftdeploy policies new --help" shows its options and examples)'],
    [['policies', 'history', '-n', 'few'], 'write a whole number'],
    [['policies'], 'Usage: swiftdeploy policies'],
  ])('%j', async (args, says) => {
    expect(await swiftdeploy(...args)).toBe(1);
    expect(stderr).toContain(says);
    expect(stdout).toBe('');
  });
});

describe('help', () => {
  const { commands } = commandLine(COMMANDS, () => undefined);
  const names = commands.map((command) => command.name());
  const paths = commands.flatMap((group) => [
    group.name(),
    ...group.commands.map((command) => `${group.name()} ${command.name()}`),
  ]);

  test.each(paths)('of %s has an example of it, and says what it takes', async (command) => {
    const path = command.split(' ');
    expect(await swiftdeploy(...path, '--help')).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples?:\\n {2}\\$ swiftdeploy ${command}\\b`));
    expect(stdout).toContain('--no-color');
    const asked = stdout;
    stdout = '';
    expect(await swiftdeploy('help', ...path)).toBe(0);
    expect(stdout).toBe(asked);
  });

  test.each([
    'validate',
    'run',
    'deploy',
    'promote',
    'status',
    'teardown',
    'doctor',
    'events',
    'wait',
    'audit',
    'policies test',
    'policies explain',
  ])('of %s names the files', async (command) => {
    await swiftdeploy(...command.split(' '), '--help');
    for (const option of ['--manifest', '--state-dir', '--policies']) expect(stdout).toContain(option);
  });

  test('lists every command on one line, in groups', async () => {
    expect(await swiftdeploy('--help')).toBe(0);
    const lines = stdout.split('\n');
    for (const name of names) {
      const [line] = lines.filter((text) => new RegExp(`^ {2}${name}(, \\w+)?  `).test(text));
      expect(line?.trim().length, name).toBeGreaterThan(name.length + 12);
    }
    expect(lines.filter((line) => /^ {5,}\S/.test(line))).toEqual([]);
    expect(lines).not.toContain('Commands:');
  });

  test('of a command that there is not', async () => {
    expect(await swiftdeploy('help', 'delpoy')).toBe(1);
    expect(stderr).toBe('there is no command delpoy: did you mean deploy?\n');
    stderr = '';
    expect(await swiftdeploy('help', 'policies', 'exlain')).toBe(1);
    expect(stderr).toBe('there is no command exlain: did you mean explain?\n');
  });
});

describe('what a user can cause ends with a sentence and no stack trace', () => {
  test.each([
    ['deploy', [], 'the container engine does not answer (ENOENT) at unix://'],
    ['promote', ['canary'], 'the container engine does not answer'],
    ['run', [], 'the container engine does not answer'],
    ['teardown', ['--yes'], 'the container engine does not answer'],
    ['status', [], 'nothing was deployed from here'],
    ['wait', ['--for=condition=Ready', '--timeout=50ms'], 'status.json yet'],
  ])('%s', async (command, args, says) => {
    expect(await swiftdeploy(command, ...args, '-f', join(dir, 'manifest.yaml'))).toBe(1);
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(stdout).toBe('');
  });
});

describe('version', () => {
  const validate = validatorOf('version');

  async function versions(manifest: string): Promise<unknown> {
    expect(await swiftdeploy('version', '-o', 'json', '-f', manifest)).toBe(0);
    const document: unknown = JSON.parse(stdout);
    expect(validate(document) ? [] : validate.errors).toEqual([]);
    return document;
  }

  test('without an engine and a manifest says what it can', async () => {
    const document = await versions(join(dir, 'none.yaml'));
    const problem = expect.stringContaining('the container engine does not answer (ENOENT)') as string;
    expect(document).toMatchObject({ node: process.version, engine: { problem } });
    expect(document).not.toHaveProperty('images');
  });

  test("names the manifest's images", async () => {
    expect(await versions('manifest.yaml')).toMatchObject({ images: { nginx: 'nginx:latest' } });
    stdout = '';
    await swiftdeploy('version');
    expect(stdout).toMatch(
      /^swiftdeploy {2}\d+\.\d+\.\d+\nnode {9}\d+[^]*\nopa image {4}openpolicyagent\/opa:/,
    );
  });
});

describe('durations', () => {
  test.each([
    ['60s', 60_000],
    ['2m', 120_000],
    ['5', 5000],
    ['1m30s', 90_000],
  ])('%s', (text, ms) => expect(durationOption(text)).toBe(ms));

  test.each(['', '0s', 'soon', '-1', '5 s', '1000d'])('not %j', (text) => {
    expect(() => durationOption(text)).toThrow('write a duration');
  });
});
