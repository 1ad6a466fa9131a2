/** The stack's own notes, in a folder that somebody removes while a controller runs. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
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

describe('notes of another shape are as good as torn', () => {
  test.each<[string, object]>([
    ['a service that is null', { memory: { services: { app: null }, applied: [] } }],
    ['a service of nothing', { stack: { services: [{}] } }],
    ['a memory without services', { memory: {} }],
    ['a rollout without a step', { memory: { services: { app: { rollout: {} } }, applied: [] } }],
    ['drifts of null', { drifts: [null] }],
    ['overrides of null', { overrides: [null] }],
    ['a way back of null', { waysBack: { app: null } }],
    ['denials as a list', { denials: [] }],
    ['a generation in words', { generation: 'three' }],
  ])('%s', async (_title, fields) => {
    const { directory, state } = await opened();
    const path = join(directory, 'state.json');
    await writeFile(path, JSON.stringify({ generation: 7, ...fields }));
    const unread: UnreadNotes[] = [];
    const { state: found } = await new StateStore(directory, (notes) => unread.push(notes)).peek();
    expect(found).toEqual(state);
    expect(unread).toEqual([{ path, isDamaged: true }]);
  });
});

test('notes of a version that noted less, and of one that notes more, are read', async () => {
  const { directory, state } = await opened();
  const notes = { generation: 7, history: { seq: 3, prev: 'sha256:0', more: 1 }, more: [null] };
  await writeFile(join(directory, 'state.json'), JSON.stringify(notes));
  expect((await new StateStore(directory).peek()).state).toEqual({ ...state, ...notes });
});

test('tokens that are none are made anew', async () => {
  const { directory } = await opened();
  await writeFile(join(directory, 'tokens.json'), '{"policy": {}, "proxy": 5}');
  const { tokens } = await new StateStore(directory).open();
  expect(tokens).toEqual({ policy: expect.any(String) as string, proxy: expect.any(String) as string });
});
