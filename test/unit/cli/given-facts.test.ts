/** Facts that come in on stdin, as a pipe gives them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { givenFacts } from '../../../src/cli/policies/given-facts.js';

const MAX_BYTES = 1024 * 1024;

afterEach(() => void vi.restoreAllMocks());

function pipe(text: string): void {
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(
    Readable.from([Buffer.from(text)]) as typeof process.stdin,
  );
}

test('- is stdin', async () => {
  pipe('{"question": "replace"}');
  expect(await givenFacts('-', new AbortController().signal)).toEqual({
    name: 'stdin',
    facts: { question: 'replace' },
  });
});

test('what is no object there is said to be so', async () => {
  pipe('5');
  await expect(givenFacts('-', new AbortController().signal)).rejects.toThrow('stdin is no JSON object');
});

test('who writes too much is told so', async () => {
  pipe(' '.repeat(MAX_BYTES + 1));
  await expect(givenFacts('-', new AbortController().signal)).rejects.toThrow(
    'stdin is larger than 1 MiB: the facts of one question are a few kB',
  );
});

test('a file that is too large is told in the same words', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'swd-facts-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const path = join(dir, 'facts.json');
  await writeFile(path, ' '.repeat(MAX_BYTES + 1));
  await expect(givenFacts(path, new AbortController().signal)).rejects.toThrow(
    `${path} is larger than 1 MiB`,
  );
});

test('who is interrupted while nobody writes ends with 130', async () => {
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(
    new Readable({ read: () => undefined }) as typeof process.stdin,
  );
  await expect(givenFacts('-', AbortSignal.abort())).rejects.toMatchObject({ exitCode: 130 });
});
