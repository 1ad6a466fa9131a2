/** Network shares and some mounts of Docker Desktop bring no events: here nothing is watched at all. */

import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { FileTrigger } from '../../../src/controller/triggers/file-trigger.js';
import * as fingerprint from '../../../src/controller/triggers/fingerprint.js';
import { temporaryDirectory } from './temporary-directory.js';

vi.mock('../../../src/controller/triggers/directory-watches.js', () => ({
  DirectoryWatches: class {
    async sync() {}
    async close() {}
  },
}));
vi.mock('../../../src/controller/triggers/fingerprint.js', { spy: true });

beforeEach(() => void vi.resetAllMocks());

async function polling() {
  const path = join(await temporaryDirectory(), 'manifest.yaml');
  await writeFile(path, 'one');
  const trigger = new FileTrigger({ key: 'stack', paths: [path], pollMs: 2 });
  onTestFinished(() => trigger.stop());
  let notice: () => void = () => undefined;
  await trigger.start(() => notice());
  const noticed = async (change: () => Promise<void>) => {
    const seen = new Promise<void>((resolve) => (notice = resolve));
    await change();
    await seen;
  };
  return { path, noticed };
}

test('changes are seen by polling', async () => {
  const { path, noticed } = await polling();
  await noticed(() => writeFile(path, 'two'));
  await noticed(async () => {
    await writeFile(`${path}.new`, 'three');
    await rename(`${path}.new`, path);
  });
  await noticed(() => rm(path));
  await noticed(() => writeFile(path, 'four'));
});

test('without a change of metadata, content is read only now and then, and a change of it is seen', async () => {
  vi.mocked(fingerprint.metadataFingerprint).mockResolvedValue('always the same');
  const { path, noticed } = await polling();
  const content = vi.mocked(fingerprint.contentFingerprint);
  content.mockClear();
  vi.mocked(fingerprint.metadataFingerprint).mockClear();
  await noticed(() => writeFile(path, 'two'));
  const polls = vi.mocked(fingerprint.metadataFingerprint).mock.calls.length;
  expect(content.mock.calls.length).toBeLessThanOrEqual(Math.ceil(polls / 9));
});
