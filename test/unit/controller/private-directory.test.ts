import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fileWords } from '../../../src/controller/file-words.js';
import { makePrivateDirectory } from '../../../src/controller/private-directory.js';
import { temporaryDirectory } from './temporary-directory.js';

/** A mount is root's to make. */
const IS_ROOT = process.getuid?.() === 0;

describe('a private directory', () => {
  test('is made with the folders that it is in, and stays when it is there', async () => {
    const path = join(await temporaryDirectory(), 'a', 'b');
    await makePrivateDirectory(path);
    await makePrivateDirectory(path);
    expect(existsSync(path)).toBe(true);
  });

  test.runIf(IS_ROOT)('on a file system that is read-only is refused for that', async () => {
    const dir = await temporaryDirectory();
    const mounted = join(dir, 'mounted');
    mkdirSync(mounted);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', mounted]);
    onTestFinished(() => void execFileSync('umount', [mounted]));
    const refused = await makePrivateDirectory(join(mounted, 'a', 'b')).catch((error: unknown) => error);
    expect(fileWords(refused)).toBe(
      `${join(mounted, 'a')} cannot be read or written: the file system is read-only`,
    );
  });
});
