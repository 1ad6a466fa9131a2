/** `kill -9` while a folder is replaced: it is the old one or the new one, whole, and nothing of a person's is lost. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readTree } from '../../src/cli/render/file-tree.js';
import { replaceGenerated } from '../../src/cli/render/generated-folder.js';
import { GENERATED_ENTRIES } from '../../src/reconcilers/render/stack-files.js';
import { generatedFiles, REPLACED, TICK } from './render-files.js';

const CHILD = 'test/integration/render-forever.ts';
/** Milliseconds after the first replacement. */
const LIVES = [1, 2, 3, 4, 5, 7, 9, 11, 13, 17, 23, 31];

/** Killed this long after its first replacement: wherever in a later one that is. */
async function liveFor(folder: string, ticks: number): Promise<void> {
  const argv = ['--import', 'tsx', CHILD, folder];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    const since = said.indexOf(REPLACED);
    if (since >= 0 && said.slice(since).split(TICK).length > ticks) child.kill('SIGKILL');
  });
  await once(child, 'close');
  expect(said).toContain(REPLACED);
}

async function contentOf(folder: string) {
  const trees = await Promise.all(GENERATED_ENTRIES.map((name) => readTree(folder, name)));
  return trees.flat().sort((a, b) => (a.path < b.path ? -1 : 1));
}

test('every life leaves a whole folder behind, under its name or, for an instant, beside it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'swd killed-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const folder = join(dir, 'generated');
  await mkdir(folder);
  await writeFile(join(folder, 'notes.txt'), 'mine');
  for (const ticks of LIVES) {
    await liveFor(folder, ticks);
    const isThere = (await readdir(dir)).includes('generated');
    const left = await contentOf(isThere ? folder : join(dir, '.generated.swiftdeploy-last'));
    expect([generatedFiles('even'), generatedFiles('odd')]).toContainEqual(left);
  }
  await replaceGenerated(folder, generatedFiles('even'));
  expect(await contentOf(folder)).toEqual(generatedFiles('even'));
  expect(await readFile(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  expect((await readdir(folder)).sort()).toEqual(['docker-compose.yml', 'nginx.conf', 'notes.txt', 'opa']);
  expect(await readdir(dir)).toEqual(['generated']);
});
