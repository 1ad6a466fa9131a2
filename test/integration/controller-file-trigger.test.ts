import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, readFile, readlink, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FileTrigger, type FileTriggerOptions } from '../../src/controller/triggers/file-trigger.js';
import { temporaryDirectory } from '../unit/controller/temporary-directory.js';

/** So long that only the watch can have seen it. */
const NEVER_MS = 1_000_000;

/** Counts keys, and waits for the next. */
function keyCounter() {
  const keys: string[] = [];
  let wake: () => void = () => undefined;
  const enqueue = (key: string) => {
    keys.push(key);
    wake();
  };
  const atLeast = async (count: number) => {
    while (keys.length < count) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { keys, enqueue, atLeast };
}

/** A started trigger; `noticed` resolves when `change` has been enqueued. */
async function watching(paths: string[], more: Partial<FileTriggerOptions> = {}) {
  const trigger = new FileTrigger({ key: 'stack', paths, pollMs: NEVER_MS, ...more });
  const counter = keyCounter();
  await trigger.start(counter.enqueue);
  onTestFinished(() => trigger.stop());
  const noticed = async (change: () => Promise<unknown>) => {
    const before = counter.keys.length;
    await change();
    await counter.atLeast(before + 1);
  };
  return { ...counter, trigger, noticed };
}

async function manifest() {
  const directory = await temporaryDirectory();
  const path = join(directory, 'manifest.yaml');
  await writeFile(path, 'one');
  return { directory, path };
}

async function replaceByRename(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** As the kubelet writes a volume: a new directory of files, then the link `..data` moved over to it. */
async function kubernetesUpdate(directory: string, version: string, text: string): Promise<void> {
  await mkdir(join(directory, `..${version}`));
  await writeFile(join(directory, `..${version}`, 'manifest.yaml'), text);
  await symlink(`..${version}`, join(directory, '..data_tmp'));
  const old = await readlink(join(directory, '..data')).catch(() => undefined);
  await rename(join(directory, '..data_tmp'), join(directory, '..data'));
  if (old !== undefined) await rm(join(directory, old), { recursive: true });
}

describe('watched, each change twice, because the first must not make the watch deaf', () => {
  test('edited in place', async () => {
    const { path } = await manifest();
    const { noticed, keys } = await watching([path]);
    await noticed(() => writeFile(path, 'two'));
    await noticed(() => writeFile(path, 'three'));
    expect(new Set(keys)).toEqual(new Set(['stack']));
  });

  test('replaced by rename, as vim and VS Code do', async () => {
    const { path } = await manifest();
    const { noticed } = await watching([path]);
    await noticed(() => replaceByRename(path, 'two'));
    await noticed(() => replaceByRename(path, 'three'));
    await noticed(() => writeFile(path, 'four'));
  });

  test('moved away and written anew, as vim does with backupcopy=no', async () => {
    const { path } = await manifest();
    const { noticed } = await watching([path]);
    for (const text of ['two', 'three']) {
      await noticed(async () => {
        await rename(path, `${path}~`);
        await writeFile(path, text);
      });
    }
  });

  test.runIf(process.platform === 'linux')('sed -i', async () => {
    const { path } = await manifest();
    const { noticed } = await watching([path]);
    await noticed(async () => execFileSync('sed', ['-i', 's/one/two/', path]));
    await noticed(async () => execFileSync('sed', ['-i', 's/two/three/', path]));
  });

  test('deleted and made again', async () => {
    const { path } = await manifest();
    const { noticed } = await watching([path]);
    for (const text of ['two', 'three']) {
      await noticed(() => rm(path));
      await noticed(() => writeFile(path, text));
    }
  });

  test('a volume of Kubernetes', async () => {
    const directory = await temporaryDirectory();
    await kubernetesUpdate(directory, '1', 'one');
    await symlink('..data/manifest.yaml', join(directory, 'manifest.yaml'));
    const { noticed } = await watching([join(directory, 'manifest.yaml')]);
    await noticed(() => kubernetesUpdate(directory, '2', 'two'));
    await noticed(() => kubernetesUpdate(directory, '3', 'three'));
  });

  test('a volume of Kubernetes, as a directory', async () => {
    const directory = await temporaryDirectory();
    await kubernetesUpdate(directory, '1', 'one');
    await symlink('..data/manifest.yaml', join(directory, 'manifest.yaml'));
    const { noticed } = await watching([directory]);
    await noticed(() => kubernetesUpdate(directory, '2', 'two'));
    await noticed(() => kubernetesUpdate(directory, '3', 'three'));
  });

  test('a link that points elsewhere, and the file it points to', async () => {
    const { path, directory } = await manifest();
    const other = join(await temporaryDirectory(), 'other.yaml');
    await writeFile(other, 'other');
    const link = join(directory, 'link.yaml');
    await symlink(path, link);
    const { noticed } = await watching([link]);
    await noticed(async () => {
      await symlink(other, `${link}.new`);
      await rename(`${link}.new`, link);
    });
    await noticed(() => writeFile(other, 'changed'));
    await noticed(() => replaceByRename(other, 'replaced'));
  });

  test('a directory in its place, and back', async () => {
    const { path } = await manifest();
    const { noticed } = await watching([path]);
    for (const text of ['two', 'three']) {
      await noticed(async () => {
        await rm(path);
        await mkdir(path);
      });
      await noticed(async () => {
        await rm(path, { recursive: true });
        await writeFile(path, text);
      });
    }
  });

  test('a directory of policies: files and subdirectories that come, change and go', async () => {
    const directory = join(await temporaryDirectory(), 'policies');
    await mkdir(directory);
    const { noticed } = await watching([directory]);
    for (const domain of ['canary', 'admission']) {
      const file = join(directory, domain, `${domain}.rego`);
      await noticed(() => mkdir(dirname(file)));
      await noticed(() => writeFile(file, 'one'));
      await noticed(() => writeFile(file, 'two'));
      await noticed(() => rm(file));
    }
    await noticed(() => rm(directory, { recursive: true }));
    await noticed(() => mkdir(directory));
    await noticed(() => writeFile(join(directory, 'new.rego'), 'one'));
  });

  test('a path none of which exists yet', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, 'a', 'b', 'manifest.yaml');
    const { noticed } = await watching([path]);
    await noticed(async () => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, 'one');
    });
    await noticed(() => writeFile(path, 'two'));
  });

  test('a loop of links, then a file', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, 'manifest.yaml');
    await symlink('manifest.yaml', path);
    const { noticed } = await watching([path]);
    await noticed(() => replaceByRename(path, 'one'));
  });

  test('a change before the watch was up', async () => {
    const { path } = await manifest();
    const { noticed } = await watching([path]);
    await noticed(async () => writeFile(path, 'at once'));
  });

  test('many saves in a row: the last is never lost', async () => {
    const { path } = await manifest();
    const seen: string[] = [];
    const trigger = new FileTrigger({ key: 'stack', paths: [path], pollMs: NEVER_MS });
    let done: () => void = () => undefined;
    const last = new Promise<void>((resolve) => (done = resolve));
    await trigger.start(() => {
      void readFile(path, 'utf8').then((text) => {
        seen.push(text);
        if (text === 'save 200') done();
      });
    });
    onTestFinished(() => trigger.stop());
    for (let n = 1; n <= 200; n += 1) await (n % 2 ? writeFile : replaceByRename)(path, `save ${n}`);
    await last;
    expect(seen.at(-1)).toBe('save 200');
  });
});

describe('what is no change of content', () => {
  test('a touch, and a change of the file next door, enqueue nothing', async () => {
    const { path, directory } = await manifest();
    const { noticed, keys } = await watching([path]);
    await utimes(path, new Date(), new Date());
    await writeFile(join(directory, 'status.json'), '{}');
    await noticed(() => writeFile(path, 'two'));
    expect(keys).toHaveLength(1);
  });

  test('after stop nothing is enqueued', async () => {
    const { path } = await manifest();
    const { trigger, keys } = await watching([path], { pollMs: 5 });
    await trigger.stop();
    await writeFile(path, 'two');
    const other = await watching([path], { pollMs: 5 });
    await other.noticed(() => writeFile(path, 'three'));
    expect(keys).toEqual([]);
  });
});

test('no permission is a change, and so is getting it back', async () => {
  const directory = await temporaryDirectory();
  const script = 'test/unit/controller/unprivileged-trigger.ts';
  const result = spawnSync(process.execPath, ['--import', 'tsx', script, directory], { encoding: 'utf8' });
  expect(result).toMatchObject({ stderr: '', stdout: 'taken away\ngiven back\n' });
});
