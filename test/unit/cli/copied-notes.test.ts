/** A stack's notes in a folder that was copied, moved or put back, and what runs there that another folder made. */
import { cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { otherHome, refuseOthersStack } from '../../../src/cli/basics/other-home.js';
import { copiedNotes } from '../../../src/cli/basics/own-notes.js';
import { stackPaths } from '../../../src/cli/basics/paths.js';
import { whichStack } from '../../../src/cli/basics/which-stack.js';
import { loadManifest } from '../../../src/reconcilers/desired/load-manifest.js';
import type { StackSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import { HOME_LABEL } from '../../../src/reconcilers/plan/container-template.js';
import { StateStore } from '../../../src/reconcilers/stack-state.js';
import { EMPTY_STATUS } from '../../support/empty-status.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

let root = '';
const folder = (name: string) => stackPaths({ manifest: join(root, name, 'manifest.yaml') });

function manifestOf(name: string, service = 'web'): string {
  return `name: ${name}\nnetwork: { name: ${name}-net }\nservices: { ${service}: { image: "app:1", version: "1", port: 3000 } }\nnginx: { image: "nginx:1", port: 8080 }\n`;
}

function specOf(name: string, service?: string): StackSpec {
  const result = loadManifest(Buffer.from(manifestOf(name, service)), 'manifest.yaml');
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.stack;
}

/** As after a run from there. */
async function noted(name: string, stack: string): Promise<void> {
  await mkdir(join(root, name), { recursive: true });
  await writeFile(folder(name).manifest, manifestOf(stack));
  const store = new StateStore(folder(name).stateDir);
  const { state } = await store.open();
  await store.save({ ...state, stack: specOf(stack) });
}

const copy = (from: string, to: string) => cp(join(root, from), join(root, to), { recursive: true });

beforeEach(async () => {
  root = await temporaryDirectory();
  await noted('m', 'shop');
});

describe('the notes', () => {
  const found = async (name: string) => (await copiedNotes(folder(name)))?.found;

  test('are their own folder’s, also through a link', async () => {
    await symlink(join(root, 'm'), join(root, 'link'));
    expect([await found('m'), await found('link')]).toEqual([undefined, undefined]);
  });

  test.each(['shop', 'shop-2'])(
    'of a copy are refused, with both paths and the cure (as %s)',
    async (name) => {
      await copy('m', 'm2');
      await writeFile(folder('m2').manifest, manifestOf(name));
      const { stateDir: copied } = folder('m2');
      const { stateDir: original } = folder('m');
      await expect(whichStack(folder('m2'))).rejects.toThrow(
        `${copied} is a copy of ${original}, the state directory of stack shop, and remembers how things were there: for a stack of its own here, remove the copy (rm -r ${copied}) and give the manifest a name and ports of its own; where stack shop is to go on from here, remove the original (rm -r ${original}). Nothing was changed.`,
      );
    },
  );

  test('of a folder that was moved go with it', async () => {
    await rename(join(root, 'm'), join(root, 'moved'));
    expect(await found('moved')).toBeUndefined();
    await copy('moved', 'elsewhere');
    await rm(join(root, 'moved'), { recursive: true });
    expect(await found('elsewhere')).toBeUndefined();
  });

  test('of a folder that was put back are its own', async () => {
    await copy('m', 'backup');
    await rm(join(root, 'm'), { recursive: true });
    await copy('backup', 'm');
    expect(await found('m')).toBeUndefined();
  });

  test('that may be a copy are not gone by under another name', async () => {
    const { stateDir, manifest } = folder('m');
    await writeFile(manifest, manifestOf('shop-2'));
    expect(await found('m')).toBeUndefined();
    const notes = JSON.parse(await readFile(join(stateDir, 'state.json'), 'utf8')) as object;
    await writeFile(join(stateDir, 'state.json'), JSON.stringify({ ...notes, home: undefined }));
    expect(await found('m')).toContain(`says stack shop-2, and ${stateDir} remembers stack shop`);
    await writeFile(manifest, manifestOf('shop'));
    expect(await found('m')).toBeUndefined();
  });
});

describe('what runs', () => {
  function engineWith(...containers: readonly { service: string; home?: string }[]) {
    const inspected = containers.map(({ service, home }) => ({
      id: service,
      name: `shop-${service}`,
      role: 'service',
      service,
      config: { labels: home === undefined ? {} : { [HOME_LABEL]: folder(home).stateDir } },
    }));
    return {
      listContainers: () => Promise.resolve(inspected),
      inspectContainer: (id: string) => Promise.resolve(inspected.find((one) => one.id === id)),
    } as unknown as Parameters<typeof otherHome>[0]['engine'];
  }
  const seenFrom = (name: string, engine: ReturnType<typeof engineWith>, service?: string) =>
    otherHome({ engine, paths: folder(name) }, specOf('shop', service));

  test('and was made from a folder that still has its notes is that folder’s', async () => {
    const engine = engineWith({ service: 'web', home: 'm' });
    expect(await seenFrom('m', engine)).toBeUndefined();
    expect((await seenFrom('fresh', engine))?.found).toBe(
      `stack shop is run from another folder, whose notes are in ${folder('m').stateDir}`,
    );
    const place = { engine, paths: folder('fresh') };
    await expect(refuseOthersStack(place, 'shop')).rejects.toThrow('tear it down there');
  });

  test('goes with the notes: where their folder was moved, or notes another stack, it holds nobody up', async () => {
    const engine = engineWith({ service: 'web', home: 'm' });
    await rename(join(root, 'm'), join(root, 'moved'));
    expect(await seenFrom('moved', engine)).toBeUndefined();
    await noted('m', 'blog');
    expect(await seenFrom('moved', engine)).toBeUndefined();
  });

  test('of services that a new folder does not have is not taken away', async () => {
    const engine = engineWith({ service: 'web' }, { service: 'jobs' });
    const other = await seenFrom('fresh', engine, 'web');
    expect(other?.found).toBe(
      'a stack shop runs that was made from elsewhere: this folder has no notes of it, and the manifest does not have its jobs',
    );
    expect(other?.cure).toContain('docker rm -f shop-jobs');
    expect(await seenFrom('fresh', engineWith({ service: 'web' }), 'web')).toBeUndefined();
  });

  test('of services that a folder had is its own, also when the notes are lost', async () => {
    const old = engineWith({ service: 'jobs' });
    expect(await seenFrom('m', old)).toBeUndefined();
    await rm(folder('m').stateDir, { recursive: true });
    expect(await seenFrom('m', engineWith({ service: 'jobs', home: 'm' }))).toBeUndefined();
    expect(await seenFrom('m', old)).toBeDefined();
    await writeFile(folder('m').status, JSON.stringify({ ...EMPTY_STATUS, stack: 'shop' }));
    expect(await seenFrom('m', old)).toBeUndefined();
  });
});
