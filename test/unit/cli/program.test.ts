import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { durationOption } from '../../../src/cli/basics/options.js';
import { main } from '../../../src/cli/program.js';

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
  process.removeAllListeners('SIGINT');
  process.removeAllListeners('SIGTERM');
  await rm(dir, { recursive: true, force: true });
});

function swiftdeploy(...args: string[]): Promise<number> {
  return main(['node', 'swiftdeploy', ...args]);
}

describe('a command line that is not understood', () => {
  test.each([
    [['delpoy'], 'Did you mean deploy?'],
    [['deploy', '--timout', '3s'], 'Did you mean --timeout?'],
    [['promote', 'canari'], 'Allowed choices are canary, stable'],
    [['promote'], "missing required argument 'mode'"],
    [['deploy', '--timeout', 'soon'], 'write a duration, as 60s or 2m'],
    [['status', '-o', 'yaml'], 'Allowed choices are text, json'],
    [['deploy', 'now'], 'too many arguments'],
  ])('%j', async (args, says) => {
    expect(await swiftdeploy(...args)).toBe(1);
    expect(stderr).toContain(says);
    expect(stdout).toBe('');
  });
});

describe('help', () => {
  test.each(['run', 'deploy', 'promote', 'status', 'teardown'])('of %s has an example', async (command) => {
    expect(await swiftdeploy(command, '--help')).toBe(0);
    expect(stdout).toMatch(new RegExp(`Example:\\n {2}\\$ swiftdeploy ${command}`));
    for (const option of ['--manifest', '--state-dir', '--policies', '--no-color'])
      expect(stdout).toContain(option);
  });
});

describe('what a user can cause ends with a sentence and no stack trace', () => {
  test.each([
    ['deploy', [], 'the container engine does not answer (ENOENT) at unix://'],
    ['promote', ['canary'], 'the container engine does not answer'],
    ['run', [], 'the container engine does not answer'],
    ['teardown', ['--yes'], 'the container engine does not answer'],
    ['status', [], 'nothing was deployed from here'],
  ])('%s', async (command, args, says) => {
    expect(await swiftdeploy(command, ...args, '-f', join(dir, 'manifest.yaml'))).toBe(1);
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(stdout).toBe('');
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
