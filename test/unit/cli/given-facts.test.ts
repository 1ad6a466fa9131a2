/** Facts that come in on stdin, as a pipe gives them. */
import { Readable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { givenFacts } from '../../../src/cli/policies/given-facts.js';

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

test('who is interrupted while nobody writes ends with 130', async () => {
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(
    new Readable({ read: () => undefined }) as typeof process.stdin,
  );
  await expect(givenFacts('-', AbortSignal.abort())).rejects.toMatchObject({ exitCode: 130 });
});
