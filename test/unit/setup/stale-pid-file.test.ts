import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeStalePidFile } from '../../../src/setup/stale-pid-file.js';

describe('removeStalePidFile', () => {
  let directory: string;
  let path: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'swiftdeploy-pid-'));
    path = join(directory, 'docker.pid');
    await mkdir(join(directory, 'proc/41'), { recursive: true });
    await writeFile(join(directory, 'proc/41/comm'), 'dockerd\n');
    await mkdir(join(directory, 'proc/42'));
    await writeFile(join(directory, 'proc/42/comm'), 'bash\n');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it.each([
    ['keeps the file of a daemon that runs', '41', true],
    ['removes one whose number belongs to another program now', '42', false],
    ['removes one whose process is gone', '43', false],
    ['removes an empty one', '', false],
  ])('%s', async (_title, content, kept) => {
    await writeFile(path, content);
    expect(await removeStalePidFile({ path, program: 'dockerd' }, join(directory, 'proc'))).toBe(!kept);
    expect(existsSync(path)).toBe(kept);
  });

  it('is content without a file', async () => {
    expect(await removeStalePidFile({ path, program: 'dockerd' })).toBe(false);
  });
});
