/** A request for an override carries the generation that whoever controls the stack has for the manifest, or will have. */
import { writeFile } from 'node:fs/promises';
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stackPaths } from '../../../src/cli/basics/paths.js';
import { leaveOverride, overrideWords } from '../../../src/cli/override/leave-override.js';
import { HistoryLog } from '../../../src/controller/history/history-log.js';
import { caughtUp } from '../../../src/reconcilers/caught-up.js';
import { lookAtManifest } from '../../../src/reconcilers/manifest-keeper.js';
import { StateStore } from '../../../src/reconcilers/stack-state.js';
import { REST } from '../desired/manifest-text.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

const A = `services: { image: app, port: 3000, version: "1" }\n${REST}`;
const B = A.replace('"1"', '"2"');

/** After `teardown --clean`: the notes are gone, the history is there, with its manifests in their order. */
async function cleaned(...told: readonly string[]) {
  const paths = stackPaths({ manifest: join(await temporaryDirectory(), 'manifest.yaml') });
  const log = await HistoryLog.open(paths.history);
  onTestFinished(() => log.close());
  const tell = async (text: string, generation: number) => {
    await log.append({ event: 'manifest_changed', generation, sha256: hash('sha256', text) });
  };
  for (const [index, text] of told.entries()) await tell(text, index + 1);
  await writeFile(paths.manifest, A);
  return { paths, tell };
}

async function askedFor({ paths }: Awaited<ReturnType<typeof cleaned>>) {
  const request = await leaveOverride(paths, 'INC-42');
  if (request === undefined) throw new Error('nothing was asked for');
  return request;
}

test.each([
  ['a new manifest', [B, B, B], 4],
  ['the manifest that was there last', [B, A], 2],
  ['one that was there before', [A, B], 3],
  ['the first of all', [], 1],
])('%s, without notes', async (_which, told, generation) => {
  const stack = await cleaned(...told);
  const request = await askedFor(stack);
  expect(request.generation).toBe(generation);
  const { state } = await new StateStore(stack.paths.stateDir).peek();
  const known = await caughtUp(state, stack.paths.history);
  const look = await lookAtManifest({ path: stack.paths.manifest }, known, undefined);
  expect(look).toMatchObject({
    generation: request.generation,
    state: { sha256: request.manifestSha256 },
  });
});

const DENIED = { code: 2, conditions: [] };
const reporter = { hasTold: () => false };

test('an override that was for a manifest of before is told so, also when its bytes are back', async () => {
  const stack = await cleaned(A);
  const request = await askedFor(stack);
  const words = () => overrideWords(DENIED, request, { places: stack.paths, reporter });
  expect(await words()).toContain('where no policy answers');
  await writeFile(stack.paths.manifest, B);
  const ignored = 'the override is ignored: it was for the manifest as it stood when it was asked for';
  expect(await words()).toBe(ignored);
  await stack.tell(B, 2);
  await writeFile(stack.paths.manifest, A);
  expect(await words()).toBe(ignored);
});
