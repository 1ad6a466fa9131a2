/** Where a path of this machine leads, with real links. */
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { realPath } from '../../../src/probes/host/real-path.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

let dir = '';
beforeEach(async () => {
  dir = await realpath(await temporaryDirectory());
  await mkdir(join(dir, 'folder'));
  await writeFile(join(dir, 'folder/file'), '');
});

const here = (path: string) => join(dir, path);

async function link(path: string, target: string | Buffer): Promise<string> {
  await symlink(target, here(path));
  return here(path);
}

describe('a path is told as it really is', () => {
  test.each(['folder', 'folder/file', 'nowhere', 'nowhere/else', 'folder/file/below'])(
    'without a link: %s',
    async (path) => {
      expect(await realPath(here(path))).toBe(here(path));
    },
  );

  test('however it is written', async () => {
    expect(await realPath(`${dir}//./folder/`)).toBe(here('folder'));
    expect(await realPath('/')).toBe('/');
  });

  test('a link to a folder, absolute or relative, and what is below it', async () => {
    expect(await realPath(await link('absolute', here('folder')))).toBe(here('folder'));
    expect(await realPath(join(await link('relative', 'folder'), 'file'))).toBe(here('folder/file'));
    expect(await realPath(await link('folder/up', '..'))).toBe(dir);
  });

  test('a link to a link', async () => {
    await link('second', 'folder');
    expect(await realPath(await link('first', here('second')))).toBe(here('folder'));
  });

  test('`..` behind a link is the folder above where it leads', async () => {
    await mkdir(here('folder/deep'));
    await link('link', 'folder/deep');
    expect(await realPath(`${dir}/link/../file`)).toBe(here('folder/file'));
  });

  test('a link to what is not there yet, which may come', async () => {
    expect(await realPath(await link('dangling', '/run/soon/docker.sock'))).toBe('/run/soon/docker.sock');
  });
});

describe('a path is unknown', () => {
  test('that goes in circles', async () => {
    await link('one', 'two');
    expect(await realPath(await link('two', 'one'))).toBeUndefined();
  });

  test.runIf(process.platform === 'linux')(
    'that goes through a link of /proc, which leads the engine elsewhere',
    async () => {
      expect(await realPath('/proc/self/cwd')).toBeUndefined();
      expect(await realPath(await link('link', '/proc/self/root/run'))).toBeUndefined();
      expect(await realPath('/proc/sys')).toBe('/proc/sys');
    },
  );

  test.runIf(process.platform === 'linux')('that goes through a name that is no text', async () => {
    const name = Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff])]);
    await symlink('/run', name);
    expect(await realPath(await link('link', name))).toBeUndefined();
  });

  test('that nobody can look at', async () => {
    expect(await realPath(here('x'.repeat(300)))).toBeUndefined();
    expect(await realPath(here('a\0b'))).toBeUndefined();
  });
});
