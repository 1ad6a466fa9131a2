/** Bad manifests on a running stack: none stops the controller or touches a container, drift is healed meanwhile, and a good edit deploys. */
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { docker, remove } from '../support/engine.js';
import { workload } from '../support/manifest.js';
import { Stack, useStack } from '../support/stack.js';

/** From the text of the good manifest to what stands on disk instead. */
const BAD: readonly (readonly [string, RegExp, (good: string) => string | Buffer])[] = [
  ['a key given twice', /given twice/, (good) => `${good}contact: other@example.com\n`],
  ['a tab', /[Tt]ab/, (good) => good.replace('  image', '\timage')],
  ['UTF-16', /UTF-16/, (good) => Buffer.from(`\ufeff${good}`, 'utf16le')],
  ['binary', /not text|not UTF-8/, () => Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 0, 0, 0xff])],
  ['nothing', /is empty/, () => ''],
  ['half of the file', /./, (good) => good.slice(0, good.length / 2)],
  ['50 MB', /too large/, () => Buffer.alloc(50_000_000, 'a')],
  ['an alias bomb', /aliases/, () => bomb()],
  ['a port that is too high', /65535 \(got 70000\)/, (good) => good.replace('port: 3000', 'port: 70000')],
  ['a version that is a float', /version/, (good) => good.replace('version: "1"', 'version: 1.0')],
  ['a misspelt key', /did you mean/i, (good) => good.replace('drain:', 'drian:')],
  ['another stack', /cannot become/, (good) => good.replace(/name: swd-e2e-\w+/, 'name: swd-e2e-other')],
];

function bomb(): string {
  const letters = [...'bcdefghijklmnopq'];
  const before = (letter: string) => String.fromCharCode(letter.charCodeAt(0) - 1);
  const line = (name: string) =>
    `${name}: &${name} [${Array(9)
      .fill(`*${before(name)}`)
      .join()}]\n`;
  return `a: &a [x]\n${letters.map(line).join('')}`;
}

/** The condition that names what is wrong with the file that is there now. */
function refused(stack: Stack, seq: number, words: RegExp): Promise<unknown> {
  return stack.waitFor(`ManifestValid=False with ${String(words)}`, async ({ conditions }) => {
    const found = conditions.find(({ type }) => type === 'ManifestValid');
    const told = (await stack.eventsSince(seq, 'manifest_invalid')).length > 0;
    return found?.status === 'False' && words.test(found.message) && told;
  });
}

function accepted(stack: Stack): Promise<unknown> {
  return stack.condition('ManifestValid', 'True').then(() => stack.settled());
}

describe('a bad manifest', () => {
  const stack = useStack();

  test.each(BAD)('%s: is refused in words, and no container is touched', async (_what, words, spoil) => {
    const before = await stack.ids();
    const seq = await stack.lastSeq();
    const good = stringify(stack.manifest);
    const bad = spoil(good);
    expect(bad).not.toEqual(good);
    await writeFile(stack.manifestPath, bad);
    await refused(stack, seq, words);
    expect(stack.controller?.end).toBeUndefined();
    expect(await stack.ids()).toEqual(before);
    expect(await stack.servedVersion()).toBe('1');
    await stack.save();
    await accepted(stack);
    expect(await stack.ids()).toEqual(before);
  });

  test('a deleted file', async () => {
    const before = await stack.ids();
    const seq = await stack.lastSeq();
    await rm(stack.manifestPath);
    await refused(stack, seq, /./);
    expect(await stack.ids()).toEqual(before);
    await stack.save();
    await accepted(stack);
  });

  test('a directory in its place', async () => {
    const before = await stack.ids();
    const seq = await stack.lastSeq();
    await rm(stack.manifestPath);
    await mkdir(stack.manifestPath);
    await refused(stack, seq, /director|folder/i);
    expect(await stack.ids()).toEqual(before);
    await rm(stack.manifestPath, { recursive: true });
    await stack.save();
    await accepted(stack);
  });

  test('two services with one route', async () => {
    const seq = await stack.lastSeq();
    const route = { path: '/' };
    const services = { a: workload({ route }), b: workload({ route }) };
    await writeFile(stack.manifestPath, stringify({ ...stack.manifest, services }));
    await refused(stack, seq, /route/);
    await stack.save();
    await accepted(stack);
  });

  test('drift is healed meanwhile, and a controller that starts now heals it too', async () => {
    const seq = await stack.lastSeq();
    await writeFile(stack.manifestPath, 'services: [');
    await refused(stack, seq, /./);
    await remove((await stack.replica()).Id);
    await stack.event(seq, 'drift_healed', { kind: 'removed' });
    await stack.serves('1');

    await stack.kill9();
    const { Id } = await stack.replica();
    await docker.getContainer(Id).stop({ t: 1 });
    stack.startController();
    await stack.serves('1');
    await stack.condition('ManifestValid', 'False');
    expect((await stack.replica()).Id).toBe(Id);
  });

  test('then a good edit deploys', async () => {
    await stack.set({ version: '2' });
    await accepted(stack);
    expect(await stack.servedVersion()).toBe('2');
  });
});

describe('a good manifest in another coat', () => {
  const stack = useStack();
  let version = 1;

  const next = async (write: (text: string) => Promise<unknown>) => {
    version += 1;
    stack.app.version = String(version);
    await write(stringify(stack.manifest));
    await stack.serves(String(version));
  };

  test('a byte order mark and CRLF', () =>
    next((text) => writeFile(stack.manifestPath, `\ufeff${text.replaceAll('\n', '\r\n')}`)));

  test('a port in hexadecimal', async () => {
    stack.app.port = 8080;
    await next((text) => writeFile(stack.manifestPath, text.replace('port: 8080', 'port: 0x1F90')));
    expect((await stack.settled()).services).toHaveLength(1);
  });

  test('written in place', () => next((text) => writeFile(stack.manifestPath, text)));

  test('written in two halves with a pause between them', async () => {
    const seq = await stack.lastSeq();
    await next(async (text) => {
      const half = text.length / 2;
      await writeFile(stack.manifestPath, text.slice(0, half));
      await writeFile(stack.manifestPath, text.slice(half), { flag: 'a' });
    });
    expect(await stack.eventsSince(seq, 'manifest_invalid')).toEqual([]);
  });

  test('replaced by rename, twice in a row', async () => {
    const swap = async (text: string) => {
      await writeFile(`${stack.manifestPath}.swp`, text);
      await rename(`${stack.manifestPath}.swp`, stack.manifestPath);
    };
    await next(swap);
    await next(swap);
  });

  test('moved away as a backup, then written anew', () =>
    next(async (text) => {
      await rename(stack.manifestPath, `${stack.manifestPath}.bak`);
      await writeFile(stack.manifestPath, text);
    }));

  test('a symbolic link that is swapped', async () => {
    const link = async (text: string) => {
      const target = join(stack.dir, `manifest-${String(version)}.yaml`);
      await writeFile(target, text);
      await symlink(target, `${stack.manifestPath}.new`);
      await rename(`${stack.manifestPath}.new`, stack.manifestPath);
    };
    await next(link);
    await next(link);
  });

  test('..data links, as Kubernetes mounts them', async () => {
    const mount = async (text: string) => {
      const folder = `..${String(version)}`;
      await mkdir(join(stack.dir, folder));
      await writeFile(join(stack.dir, folder, 'manifest.yaml'), text);
      await symlink(folder, join(stack.dir, '..data_tmp'));
      await rename(join(stack.dir, '..data_tmp'), join(stack.dir, '..data'));
    };
    await next(async (text) => {
      await mount(text);
      await rm(stack.manifestPath);
      await symlink('..data/manifest.yaml', stack.manifestPath);
    });
    await next(mount);
    await next(mount);
  });
});

describe('a first manifest that is bad', () => {
  const stack = new Stack();
  beforeAll(() => stack.prepare());
  afterEach(() => stack.check());
  afterAll(() => stack.dispose());

  test('is waited for, and the first good one deploys', async () => {
    await writeFile(stack.manifestPath, 'services: [');
    const controller = stack.startController();
    await stack.condition('ManifestValid', 'False');
    expect(controller.end).toBeUndefined();
    expect(await stack.containers()).toEqual([]);
    await stack.save();
    await stack.settled();
    expect(await stack.servedVersion()).toBe('1');
  });
});
