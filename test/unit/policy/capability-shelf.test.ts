import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../../src/reconcilers/docker/engine.js';
import { CapabilityShelf } from '../../../src/reconcilers/policy/capabilities.js';

let dir = '';
let runs = 0;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swd-shelf-'));
  runs = 0;
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const OUTPUT = JSON.stringify({ builtins: [{ name: 'count' }, { name: 'http.send' }] });

const engine: Partial<Engine> = {
  removeContainer: () => Promise.resolve(),
  createContainer: () => Promise.resolve(String(++runs)),
  putFiles: () => Promise.resolve(),
  startContainer: () => Promise.resolve(),
  wait: () => Promise.resolve(0),
  logs: () => Promise.resolve([OUTPUT]),
};
const place = { engine: engine as Engine, stack: 'shop', image: 'opa:1' };

async function builtins(shelf: CapabilityShelf, image = 'sha256:1'): Promise<unknown> {
  return (JSON.parse((await shelf.of(place, image)).toString()) as { builtins: unknown }).builtins;
}

test('what an image can do is asked once, also by the next process', async () => {
  expect(await builtins(new CapabilityShelf(dir))).toEqual([{ name: 'count' }]);
  expect(await builtins(new CapabilityShelf(dir))).toEqual([{ name: 'count' }]);
  expect(runs).toBe(1);
  expect(await readdir(dir)).toEqual(['opa-capabilities.json']);
});

test('another image is asked itself', async () => {
  await builtins(new CapabilityShelf(dir));
  await builtins(new CapabilityShelf(dir), 'sha256:2');
  expect(runs).toBe(2);
});

test('what was damaged is asked again', async () => {
  await writeFile(join(dir, 'opa-capabilities.json'), '{"image": "sha256:1", "outp');
  expect(await builtins(new CapabilityShelf(dir))).toEqual([{ name: 'count' }]);
  expect(runs).toBe(1);
});

test('what is kept allows no more than what was asked', async () => {
  await writeFile(
    join(dir, 'opa-capabilities.json'),
    JSON.stringify({
      image: 'sha256:1',
      output: OUTPUT.replace('"builtins"', '"allow_net": ["evil"], "builtins"'),
    }),
  );
  const kept = JSON.parse((await new CapabilityShelf(dir).of(place, 'sha256:1')).toString()) as unknown;
  expect(kept).toEqual({ allow_net: [], builtins: [{ name: 'count' }] });
});

test('a state directory that is not there is not made', async () => {
  expect(await builtins(new CapabilityShelf(join(dir, 'none')))).toEqual([{ name: 'count' }]);
  expect(await readdir(dir)).toEqual([]);
});
