import { execFileSync } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
  mkdir,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeFiles } from '../../../src/cli/teardown/clean-files.js';
import { EventFollower, newestEvents, newestOf } from '../../../src/cli/status/history-view.js';
import { overlookedWords, policiesDir, stackPaths } from '../../../src/cli/basics/paths.js';
import { replaceFile } from '../../../src/cli/basics/replace-file.js';
import { paintFor } from '../../../src/cli/basics/talk.js';
import { StatusFile } from '../../../src/controller/status-file.js';
import { HistoryLog } from '../../../src/controller/history/history-log.js';
import { REST, stackOf } from '../desired/manifest-text.js';

let dir = '';
const path = (name: string) => join(dir, name);

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swd-cli-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

describe('replacing a file', () => {
  test('keeps its permissions, and a link that leads to it', async () => {
    await mkdir(path('real'));
    await writeFile(path('real/manifest.yaml'), 'old');
    await chmod(path('real/manifest.yaml'), 0o640);
    await symlink('real/manifest.yaml', path('manifest.yaml'));
    await replaceFile(path('manifest.yaml'), Buffer.from('old'), Buffer.from('new'));
    expect((await lstat(path('manifest.yaml'))).isSymbolicLink()).toBe(true);
    expect(await readFile(path('real/manifest.yaml'), 'utf8')).toBe('new');
    expect((await stat(path('real/manifest.yaml'))).mode & 0o777).toBe(0o640);
    expect(await readdir(path('real'))).toEqual(['manifest.yaml']);
  });

  test('refuses when somebody else was faster', async () => {
    await writeFile(path('m'), 'theirs');
    await expect(replaceFile(path('m'), Buffer.from('old'), Buffer.from('new'))).rejects.toThrow(
      'changed by somebody else',
    );
    expect(await readFile(path('m'), 'utf8')).toBe('theirs');
    expect(await readdir(dir)).toEqual(['m']);
  });

  test('says why it cannot', async () => {
    await expect(replaceFile(path('none'), Buffer.from(''), Buffer.from('new'))).rejects.toThrow('ENOENT');
  });
});

describe('looking into a history', () => {
  test('the newest, across a rotation', async () => {
    const log = await HistoryLog.open(path('history.jsonl'), { maxBytes: 400 });
    for (let n = 1; n <= 5; n += 1) await log.append({ event: 'step', n });
    expect((await newestEvents(path('history.jsonl'), 3)).map(({ seq }) => seq)).toEqual([3, 4, 5]);
    await log.append({ event: 'replica_failed', log: ['boom'] });
    expect(await newestOf(path('history.jsonl'), 'replica_failed')).toMatchObject({ log: ['boom'] });
    await log.close();
  });

  test('what is appended from now on, once, whole lines only, across a rotation', async () => {
    const file = path('history.jsonl');
    const fromNothing = await EventFollower.fromNow(file);
    const log = await HistoryLog.open(file, { maxBytes: 600 });
    await log.append({ event: 'step', n: 1 });
    const follower = await EventFollower.fromNow(file);
    const seen: number[] = [];
    for (let n = 2; n <= 12; n += 1) {
      await log.append({ event: 'step', n });
      if (n % 2 === 0) seen.push(...(await follower.next()).map(({ seq }) => seq));
    }
    expect(seen).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect((await fromNothing.next()).at(-1)?.seq).toBe(12);
    await log.close();
    await writeFile(file, '{"seq":13,"timest', { flag: 'a' });
    expect(await follower.next()).toEqual([]);
  });

  test('no history is no event', async () => {
    expect(await newestEvents(path('history.jsonl'), 5)).toEqual([]);
    expect(await (await EventFollower.fromNow(path('history.jsonl'))).next()).toEqual([]);
  });
});

describe('cleaning', () => {
  test('removes what commands generate, and nothing that is not theirs', async () => {
    const paths = stackPaths({ manifest: path('manifest.yaml') });
    await mkdir(path('.swiftdeploy/policies/abc'), { recursive: true });
    await mkdir(path('generated'));
    for (const name of ['status.json', 'history.jsonl', '.swiftdeploy/state.json', '.swiftdeploy/mine.txt'])
      await writeFile(path(name), '');
    await writeFile(path('generated/nginx.conf'), '');
    expect(await removeFiles(paths)).toEqual([
      'status.json',
      '.swiftdeploy/state.json',
      '.swiftdeploy/policies',
      'generated/nginx.conf',
    ]);
    expect((await readdir(dir)).sort()).toEqual(['.swiftdeploy', 'history.jsonl']);
    expect(await readdir(path('.swiftdeploy'))).toEqual(['mine.txt']);
    expect(await removeFiles(paths)).toEqual([]);
  });

  test.runIf(process.getuid?.() === 0)(
    'leaves an empty directory where a file system is mounted',
    async () => {
      const paths = stackPaths({ manifest: path('manifest.yaml') });
      await mkdir(paths.stateDir);
      execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', paths.stateDir]);
      try {
        await writeFile(path('.swiftdeploy/state.json'), '');
        expect(await removeFiles(paths)).toEqual(['.swiftdeploy/state.json']);
        expect(await readdir(paths.stateDir)).toEqual([]);
      } finally {
        execFileSync('umount', [paths.stateDir]);
      }
    },
  );
});

describe('the policies that decide', () => {
  const stack = (opa: string) => stackOf(`services: { image: app, port: 3000 }\n${opa}${REST}`);

  test('are those of --policies, beside the manifest, of its own choice where there are neither, or the shipped ones', async () => {
    const manifest = path('manifest.yaml');
    const named = stack('opa: { image: opa, policies_dir: rules/here }\n');
    expect(policiesDir({ manifest, policies: '/p' }, named)).toBe('/p');
    expect(policiesDir({ manifest }, named)).toBe(path('rules/here'));
    expect(policiesDir({ manifest }, stack(''))).toMatch(/policies\/$|\/policies$/);
    expect(policiesDir({ manifest }, stack(''))).not.toBe(path('policies'));
    await mkdir(path('policies'));
    expect(policiesDir({ manifest }, stack(''))).toBe(path('policies'));
    expect(policiesDir({ manifest }, named)).toBe(path('policies'));
  });

  test('of a linked manifest are those beside the link; one only beside its end is overlooked, and named', async () => {
    await mkdir(path('real/policies'), { recursive: true });
    await writeFile(path('real/manifest.yaml'), '');
    await symlink('real/manifest.yaml', path('manifest.yaml'));
    const manifest = path('manifest.yaml');
    const unnamed = stack('');
    expect(policiesDir({ manifest }, unnamed)).not.toBe(path('real/policies'));
    expect(overlookedWords({ manifest }, unnamed)).toContain(
      `${await realpath(path('real/policies'))} is not used: the manifest is a link`,
    );
    expect(overlookedWords({ manifest, policies: '/p' }, unnamed)).toBeUndefined();
    expect(overlookedWords({ manifest: path('real/manifest.yaml') }, unnamed)).toBeUndefined();
    await mkdir(path('policies'));
    expect(overlookedWords({ manifest }, unnamed)).toBeUndefined();
  });
});

describe('a file that is for its owner alone', () => {
  test('stays so when it is replaced', async () => {
    const file = new StatusFile(path('tokens.json'), { mode: 0o600 });
    for (const token of ['one', 'two']) {
      await file.write({ token });
      expect((await stat(path('tokens.json'))).mode & 0o777).toBe(0o600);
    }
  });
});

describe('colours', () => {
  const red = (env: Record<string, string>, isTTY: boolean) => paintFor({ isTTY }, env)('red', 'x') !== 'x';

  test('on a terminal, unless somebody says otherwise', () => {
    expect(red({}, true)).toBe(true);
    expect(red({}, false)).toBe(false);
    expect(red({ NO_COLOR: '1' }, true)).toBe(false);
    expect(red({ NO_COLOR: '' }, true)).toBe(true);
    expect(red({ FORCE_COLOR: '1' }, false)).toBe(true);
    expect(red({ FORCE_COLOR: '0' }, true)).toBe(false);
    expect(red({ NO_COLOR: '1', FORCE_COLOR: '1' }, true)).toBe(false);
  });
});
