/** What `teardown` says that it leaves: what is there, and nothing else. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../../../src/cli/program.js';
import { forgetSignals } from '../../support/forget-signals.js';
import { serveQuietEngine } from '../../support/quiet-engine.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

let told = '';
let dir = '';

beforeEach(async () => {
  told = '';
  dir = await temporaryDirectory();
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((told += String(text)), true));
  await writeFile(join(dir, 'manifest.yaml'), await readFile('manifest.yaml'));
  await serveQuietEngine(join(dir, 'engine.sock'), `engine-${randomUUID()}`);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  forgetSignals();
});

async function teardown(...args: string[]): Promise<string> {
  await main(['node', 'swiftdeploy', 'teardown', '-f', join(dir, 'manifest.yaml'), ...args]);
  return told.split('\n').find((line) => line.startsWith('left: ')) ?? told;
}

test('in a folder that has a manifest alone, only images are left', async () => {
  expect(await teardown()).toBe('left: images');
});

test('files that are there are named, with what removes them', async () => {
  await writeFile(join(dir, 'history.jsonl'), '');
  await mkdir(join(dir, '.swiftdeploy'));
  expect(await teardown()).toBe('left: images; history.jsonl; the state directory (remove with --clean)');
});

test('what --clean leaves is not ours', async () => {
  await mkdir(join(dir, '.swiftdeploy'));
  await writeFile(join(dir, '.swiftdeploy/mine.txt'), '');
  expect(await teardown('--clean')).toBe(
    'left: images; the state directory (with files that are not ours, or a mount)',
  );
});
