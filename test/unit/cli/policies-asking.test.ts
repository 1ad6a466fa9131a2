/** The question of `policies explain --input`, which only the domain's name and the file decide. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askingOf, type Ground } from '../../../src/cli/policies/asking.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

const DOMAIN: Ground['domain'] = { name: 'limits', questions: ['deploy', 'replace'] };

const { signal: stop } = new AbortController();

async function about(text: string) {
  const input = join(await temporaryDirectory(), 'input.json');
  await writeFile(input, text);
  return askingOf({ domain: DOMAIN, trial: { session: { stop } } } as unknown as Ground, { input });
}

test('is the one that the facts name, else the first of the domain', async () => {
  expect(await about('{"question": "replace"}')).toMatchObject({ question: 'replace' });
  expect(await about('{"host": {}}')).toMatchObject({
    question: 'deploy',
    input: { host: {}, question: 'deploy' },
  });
});

test.each(['5', 'null', '["deploy"]'])('is not guessed where the facts name %s', async (question) => {
  await expect(about(`{"question": ${question}}`)).rejects.toThrow(
    `question is ${question}, and has to be a text as "deploy"`,
  );
});
