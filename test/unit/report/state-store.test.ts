/** The stack's own notes, in a folder that somebody removes while a controller runs. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { StateStore, type UnreadNotes } from '../../../src/reconcilers/stack-state.js';

async function opened() {
  const parent = await mkdtemp(join(tmpdir(), 'swd-state-'));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  const directory = join(parent, '.swiftdeploy');
  const store = new StateStore(directory);
  return { parent, directory, store, ...(await store.open()) };
}

test('a folder that was removed is made again, with the tokens of this life', async () => {
  const { directory, store, state, tokens } = await opened();
  await store.save({ ...state, generation: 7 });
  await rm(directory, { recursive: true });
  await store.save({ ...state, generation: 8 });
  expect(await store.peek()).toEqual({ state: { ...state, generation: 8 }, tokens });
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
});

test('where the folder that it is in has gone, nothing is made', async () => {
  const { parent, store, state } = await opened();
  await rm(parent, { recursive: true });
  await expect(store.save({ ...state, generation: 8 })).rejects.toThrow('ENOENT');
  await expect(stat(parent)).rejects.toThrow('ENOENT');
});

test("a file in the folder's place is refused, by whoever only looks too", async () => {
  const { parent } = await opened();
  const file = join(parent, 'file');
  await writeFile(file, '');
  await expect(new StateStore(file).peek()).rejects.toThrow('ENOTDIR');
});

test('notes that are torn, and that are not there, are told of', async () => {
  const { directory, store, state } = await opened();
  await store.save({ ...state, generation: 7 });
  const path = join(directory, 'state.json');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.slice(0, text.length / 2));
  const unread: UnreadNotes[] = [];
  const { state: found } = await new StateStore(directory, (notes) => unread.push(notes)).open();
  expect(found.generation).toBe(0);
  await rm(path);
  await new StateStore(directory, (notes) => unread.push(notes)).open();
  expect(unread).toEqual([
    { path, isDamaged: true },
    { path, isDamaged: false },
  ]);
});
