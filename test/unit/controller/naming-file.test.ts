import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { errorWords } from '../../../src/cli/basics/error-words.js';
import { writeReport } from '../../../src/cli/audit/write-report.js';
import { namingFile } from '../../../src/controller/naming-file.js';
import { StatusFile } from '../../../src/controller/status-file.js';

async function wordsOf(work: Promise<unknown>): Promise<string> {
  return work.then(() => 'nothing was thrown', errorWords);
}

const NO_SPACE = 'cannot be read or written: there is no space left on the disk';

test('a full disk names the file, which an open file does not', async () => {
  expect(await wordsOf(writeFile('/dev/full', 'x'))).toBe(`a file ${NO_SPACE}`);
  expect(await wordsOf(namingFile('/srv/x', writeFile('/dev/full', 'x')))).toBe(`/srv/x ${NO_SPACE}`);
  expect(await wordsOf(writeReport('/dev/full', 'x'))).toBe(`/dev/full ${NO_SPACE}`);
});

test('what is made aside is told under its own name', async () => {
  const words = await wordsOf(new StatusFile('/nowhere/status.json').write({}));
  expect(words).toBe('/nowhere/status.json cannot be read or written: its directory does not exist');
});

test('what works, and what is no system error, stays as it is', async () => {
  expect(await namingFile('/srv/x', Promise.resolve(7))).toBe(7);
  const error = new TypeError('x');
  await expect(namingFile('/srv/x', Promise.reject(error))).rejects.toBe(error);
  expect(error).not.toHaveProperty('path');
});
