/** A controller without a valid manifest has no stack's lock: only its process tells that it is there. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lookAtFiles } from '../../../src/cli/status/look.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

const ENDED = spawnSync(process.execPath, ['--version']).pid;

test.each([
  ['its process lives', { generation: 0, pid: process.pid }, true],
  ['its process ended', { generation: 0, pid: ENDED }, false],
  ['it has had a manifest, so there is a lock to ask', { generation: 3, pid: process.pid }, false],
])('%s', async (_title, { generation, pid }, isWaiting) => {
  const dir = await temporaryDirectory();
  const status = {
    kind: 'StackStatus',
    stack: 'unknown',
    generation,
    manifest: { path: 'manifest.yaml' },
    conditions: [],
    services: [],
    policies: [],
    controller: { pid, version: '1.0.0', startedAt: '2026-05-05T20:00:00.000Z' },
  };
  await writeFile(join(dir, 'status.json'), JSON.stringify(status));
  expect(await lookAtFiles({ manifest: join(dir, 'manifest.yaml') })).toMatchObject({ isWaiting });
});
