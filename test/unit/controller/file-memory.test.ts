/** When the content of a file that was read before may be given again without reading it. */
import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileMemory } from '../../../src/controller/file-memory.js';

const CONTENT = Buffer.from('package a\n');
let dir = '';
let path = '';
/** Relative to the moment of the write. */
let laterMs = 0;
const memory = () => new FileMemory(() => Date.now() + laterMs);
const stats = () => statSync(path, { bigint: true });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'file-memory-'));
  path = join(dir, 'a.rego');
  writeFileSync(path, CONTENT);
  // A second write within one tick of the clock would be the case that is tested apart.
  utimesSync(path, 1, 1);
  laterMs = 10_000;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('nothing was written since: what was read then', () => {
  const files = memory();
  expect(files.recall(path, stats())).toBeUndefined();
  files.keep(path, stats(), CONTENT);
  expect(files.recall(path, stats())).toBe(CONTENT);
});

test('written since, of the same length: it has to be read', () => {
  const files = memory();
  files.keep(path, stats(), CONTENT);
  writeFileSync(path, 'package b\n');
  expect(files.recall(path, stats())).toBeUndefined();
});

test('read in the moment of its last write: a second write may not show', () => {
  laterMs = 0;
  const files = memory();
  files.keep(path, stats(), CONTENT);
  expect(files.recall(path, stats())).toBeUndefined();
});

test('not for ever: where metadata does not tell, content does', () => {
  const files = memory();
  files.keep(path, stats(), CONTENT);
  laterMs += 99_000;
  expect(files.recall(path, stats())).toBe(CONTENT);
  laterMs += 2_000;
  expect(files.recall(path, stats())).toBeUndefined();
});
