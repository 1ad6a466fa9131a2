import { mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StatusFile, type StatusProblem } from '../../../src/controller/status-file.js';
import { temporaryDirectory } from './temporary-directory.js';

async function statusFile() {
  const directory = await temporaryDirectory();
  const path = join(directory, 'status.json');
  const problems: StatusProblem[] = [];
  return {
    directory,
    path,
    problems,
    file: new StatusFile(path, { onProblem: (problem) => problems.push(problem) }),
  };
}

describe('writing', () => {
  test('what was written is what is read, and what anybody may read', async () => {
    const { file, path, directory } = await statusFile();
    expect(await file.write({ stack: 'a', conditions: [] })).toBe(true);
    expect(await file.read()).toEqual({ stack: 'a', conditions: [] });
    expect((await stat(path)).mode & 0o777).toBe(0o644);
    expect(await readdir(directory)).toEqual(['status.json']);
  });

  test('an unchanged status is not written', async () => {
    const { file, path } = await statusFile();
    await file.write({ stack: 'a' });
    const { ino } = await stat(path);
    expect(await file.write({ stack: 'a' })).toBe(false);
    expect((await stat(path)).ino).toBe(ino);
    expect(await file.write({ stack: 'b' })).toBe(true);
  });

  test('a controller that starts again does not write what is there already', async () => {
    const { file, path } = await statusFile();
    await file.write({ stack: 'a' });
    expect(await new StatusFile(path).write({ stack: 'a' })).toBe(false);
  });

  test('what somebody deleted or edited is written again', async () => {
    const { file, path } = await statusFile();
    await file.write({ stack: 'a' });
    await rm(path);
    expect(await file.write({ stack: 'a' })).toBe(true);
    await writeFile(path, '{"stack": "mine"}');
    expect(await file.write({ stack: 'a' })).toBe(true);
    expect(await file.read()).toEqual({ stack: 'a' });
  });

  test('writes at once end with the last', async () => {
    const { file } = await statusFile();
    await Promise.all(Array.from({ length: 20 }, (_, n) => file.write({ n })));
    expect(await file.read()).toEqual({ n: 19 });
  });

  test('what a crash left behind is cleaned, and a link planted there is not followed', async () => {
    const { file, directory } = await statusFile();
    await writeFile(join(directory, 'precious'), 'untouched');
    await symlink(join(directory, 'precious'), join(directory, '.status.json.tmp'));
    await file.write({ stack: 'a' });
    expect((await readdir(directory)).sort()).toEqual(['precious', 'status.json']);
    expect(await readFile(join(directory, 'precious'), 'utf8')).toBe('untouched');
  });

  test('a directory in its place rejects, leaves nothing behind, and heals', async () => {
    const { file, path, directory } = await statusFile();
    await mkdir(path);
    await expect(file.write({ stack: 'a' })).rejects.toMatchObject({ code: 'EISDIR' });
    expect(await readdir(directory)).toEqual(['status.json']);
    await rm(path, { recursive: true });
    expect(await file.write({ stack: 'a' })).toBe(true);
  });
});

describe('reading', () => {
  test.each<[string, string, StatusProblem['kind']]>([
    ['an empty file', '', 'not-json'],
    ['a torn file', '{"stack": "a", "cond', 'not-json'],
    ['a list', '[]', 'not-an-object'],
    ['null', 'null', 'not-an-object'],
  ])('%s is no status, and the reason is told', async (_what, text, kind) => {
    const { file, path, problems } = await statusFile();
    await writeFile(path, text);
    expect(await file.read()).toBeUndefined();
    expect(problems).toEqual([{ kind }]);
  });

  test('no file is no status', async () => {
    const { file, problems } = await statusFile();
    expect(await file.read()).toBeUndefined();
    expect(problems).toEqual([{ kind: 'missing' }]);
  });

  test('a directory is no status', async () => {
    const { file, path, problems } = await statusFile();
    await mkdir(path);
    expect(await file.read()).toBeUndefined();
    expect(problems).toEqual([{ kind: 'unreadable', code: 'EISDIR' }]);
  });
});
