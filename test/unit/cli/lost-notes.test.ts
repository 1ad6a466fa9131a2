import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lostNotesWords } from '../../../src/cli/loop/lost-notes.js';

const NOTES = '/stack/.swiftdeploy/state.json';

async function statusPath(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'swd-lost-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'status.json');
}

test('a new stack has lost nothing', async () => {
  expect(lostNotesWords({ path: NOTES, isDamaged: false }, await statusPath())).toBeUndefined();
});

test('where there is a status, notes that are gone are missed', async () => {
  const status = await statusPath();
  await writeFile(status, '{}');
  expect(lostNotesWords({ path: NOTES, isDamaged: false }, status)).toMatch(
    `${NOTES} is gone, though ${status} is there: what served before`,
  );
});

test('damaged ones are told of in any case', async () => {
  const words = lostNotesWords({ path: NOTES, isDamaged: true }, await statusPath());
  expect(words).toMatch(`${NOTES} is damaged: what served before`);
});
