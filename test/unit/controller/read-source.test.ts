import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readSource } from '../../../src/controller/read-source.js';
import { temporaryDirectory } from './temporary-directory.js';

type Make = (path: string) => unknown;

const NO_FILES: readonly (readonly [string, Make])[] = [
  ['is a directory, not a file', (path) => mkdir(path)],
  ['is a pipe, not a file', (path) => execFileSync('mkfifo', [path])],
  ['is a socket or a device, not a file', listen],
  ['is a device, not a file', (path) => symlink('/dev/zero', path)],
  ['is a symbolic link that leads back to itself', (path) => symlink(path, path)],
];

async function listen(path: string): Promise<void> {
  const server = createServer().listen(path);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
}

async function place(): Promise<string> {
  return join(await temporaryDirectory(), 'manifest.yaml');
}

describe('what is no file is told as what it is, and holds nobody', () => {
  test.each(NO_FILES)('%s', async (message, make) => {
    const path = await place();
    await make(path);
    expect(await readSource(path, 10)).toEqual({ kind: 'unreadable', message, isMissing: false });
  });

  test('nothing', async () => {
    const message = 'does not exist';
    expect(await readSource(await place(), 10)).toEqual({ kind: 'unreadable', message, isMissing: true });
  });
});

test('a file is read as far as its reader needs to see that there is more', async () => {
  const path = await place();
  await writeFile(path, 'abcdef');
  expect(await readSource(path, 3)).toMatchObject({ kind: 'content', bytes: Buffer.from('abcd') });
});
