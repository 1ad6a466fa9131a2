/** No test leaves a broken record unseen: whoever goes is checked first. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Stack } from '../support/stack.js';
import { CommandLine, scratchFolder } from '../support/swiftdeploy.js';

async function aStack() {
  const stack = new Stack();
  await stack.prepare();
  return { history: stack.historyPath, dir: stack.dir, dispose: () => stack.dispose() };
}

async function aFolder() {
  const cli = new CommandLine(await scratchFolder());
  return { history: cli.path('history.jsonl'), dir: cli.dir, dispose: () => cli.dispose() };
}

test.each([
  ['a stack', aStack],
  ['a folder of commands', aFolder],
])('%s with a history that is not whole fails its test, and goes all the same', async (_what, make) => {
  const { history, dir, dispose } = await make();
  await writeFile(history, '{"seq":1,"event":"deploy"}\n');
  await expect(dispose()).rejects.toThrow('history.jsonl');
  expect(existsSync(dir)).toBe(false);
});
