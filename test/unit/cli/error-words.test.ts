import { mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { explainError } from '../../../src/cli/basics/error-words.js';
import { CommandError } from '../../../src/cli/basics/exit.js';
import { connectEngine } from '../../../src/reconcilers/docker/connect.js';

let dir = '';
const path = (name: string) => join(dir, name);

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swd-cli-'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

async function textOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    const { exitCode, text = '' } = explainError(error);
    expect(exitCode).toBe(1);
    return text;
  }
  throw new Error('nothing was thrown');
}

describe('what a disk or its owner refuses is said without a stack trace', () => {
  test.each<[string, () => Promise<unknown>, string]>([
    ['a directory', () => readFile(dir), 'cannot be read or written: it is a directory'],
    ['a part that is a file', () => readFile(path('file/x')), 'a part of its path is not a directory'],
    ['no directory', () => writeFile(path('none/x'), ''), 'its directory does not exist'],
    ['a link to itself', () => readFile(path('loop')), 'it is a link that leads back to itself'],
    ['something in the way', () => open(path('file'), 'wx'), 'something else stands there'],
    ['a full disk', () => writeFile('/dev/full', 'x'), 'there is no space left on the disk'],
  ])('%s', async (_name, work, says) => {
    await writeFile(path('file'), '');
    await symlink('loop', path('loop'));
    const text = await textOf(work);
    expect(text).toContain(says);
    expect(text).not.toContain('\n');
  });
});

test('what is no container engine, and still answers, is told as that', async () => {
  const server = createServer((_request, response) => response.writeHead(404).end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  vi.stubEnv('DOCKER_HOST', `tcp://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  const text = await textOf(() => connectEngine(process.env).info());
  expect(text).toMatch(/^what answers at tcp:\/\/127\.0\.0\.1:\d+ refused: .*404/);
  expect(text).not.toMatch(/\n|this should not have happened/);
});

test('an engine that is not there, and an address that is none', async () => {
  vi.stubEnv('DOCKER_HOST', `unix://${path('none.sock')}`);
  expect(await textOf(() => connectEngine(process.env).info())).toContain('start it');
  vi.stubEnv('DOCKER_HOST', 'bogus');
  expect(await textOf(() => connectEngine(process.env))).toContain('use unix:///path/to/docker.sock');
});

test('what no user can cause asks for a report, with the place', async () => {
  const text = await textOf(() => Promise.reject(new TypeError('x is not a function')));
  expect(text).toMatch(/^this should not have happened, please report it: x is not a function\n/);
  expect(text).toContain('error-words.test.ts');
});

test('a sentence stays a sentence, with its exit code', () => {
  expect(explainError(new CommandError('no', 3))).toEqual({ exitCode: 3, text: 'no' });
});
