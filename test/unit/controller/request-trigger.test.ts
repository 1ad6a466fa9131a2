import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Outcome } from '../../../src/controller/outcome.js';
import { RequestTrigger } from '../../../src/controller/triggers/request-trigger.js';
import { until } from '../../support/until.js';
import { temporaryDirectory } from './temporary-directory.js';

const SETTLED: Outcome = { kind: 'settled' };

/** A trigger on a folder that is not there yet; what was prepared and enqueued is counted. */
async function requests() {
  const dir = join(await temporaryDirectory(), 'requests');
  const seen = {
    keys: [] as string[],
    prepared: 0,
    looks: 0,
    failure: undefined as Error | undefined,
    tell: () => Promise.resolve(),
  };
  const trigger = new RequestTrigger({
    key: 'stack',
    dir,
    prepare: async () => {
      seen.prepared += 1;
      if (seen.failure !== undefined) throw seen.failure;
    },
    lastLook: () => seen.looks,
    told: () => seen.tell(),
  });
  onTestFinished(() => trigger.stop());
  const start = () => trigger.start((key) => seen.keys.push(key));
  const ask = async (name: string) => {
    await mkdir(dir, { recursive: true });
    const before = seen.keys.length;
    await writeFile(join(dir, name), '');
    return () => until('it is enqueued', () => seen.keys.length > before);
  };
  const asked = async (name: string) => (await ask(name))();
  const look = async () => {
    seen.looks += 1;
    return SETTLED;
  };
  const left = async () => (await readdir(dir)).sort();
  return { dir, trigger, seen, start, ask, asked, look, left };
}

describe('a request to look', () => {
  test('is prepared, enqueued, and gone once a tick has looked', async () => {
    const { trigger, seen, start, asked, look, left } = await requests();
    await start();
    await asked('one');
    expect([seen.prepared, seen.keys, await left()]).toEqual([1, ['stack'], ['one']]);
    expect(await trigger.tick(look)).toBe(SETTLED);
    expect(await left()).toEqual([]);
    await asked('two');
    expect(seen.prepared).toBe(2);
  });

  test('that was left before anybody listened is answered', async () => {
    const { trigger, start, ask, look, left } = await requests();
    const enqueued = await ask('early');
    await start();
    await enqueued();
    await trigger.tick(look);
    expect(await left()).toEqual([]);
  });

  test('that came during a tick waits for the next one', async () => {
    const { trigger, start, asked, look, left } = await requests();
    await start();
    await trigger.tick(async () => {
      await asked('late');
      return look();
    });
    expect(await left()).toEqual(['late']);
    await trigger.tick(look);
    expect(await left()).toEqual([]);
  });

  test('is not answered by a tick that gave up before it looked, nor by one that goes on at once', async () => {
    const { trigger, seen, start, asked, look, left } = await requests();
    await start();
    await asked('one');
    await trigger.tick(async () => ({ kind: 'waiting', afterMs: 60 }));
    await expect(trigger.tick(() => Promise.reject(new Error('no manifest')))).rejects.toThrow('no manifest');
    await trigger.tick(async () => {
      seen.looks += 1;
      return { kind: 'progress' };
    });
    expect(await left()).toEqual(['one']);
    await trigger.tick(look);
    expect(await left()).toEqual([]);
  });

  test('is not answered before what the tick found can be read', async () => {
    const { trigger, seen, start, asked, look, left } = await requests();
    await start();
    await asked('one');
    let leftWhenTold: readonly string[] = [];
    seen.tell = async () => {
      leftWhenTold = await left();
    };
    await trigger.tick(look);
    expect([leftWhenTold, await left()]).toEqual([['one'], []]);
  });

  test('is answered by a tick that looked and then failed', async () => {
    const { trigger, seen, start, asked, left } = await requests();
    await start();
    await asked('one');
    const failing = trigger.tick(async () => {
      seen.looks += 1;
      throw new Error('the engine is gone');
    });
    await expect(failing).rejects.toThrow('the engine is gone');
    expect(await left()).toEqual([]);
  });

  test('is answered although what was to be prepared failed', async () => {
    const { trigger, seen, start, asked, look, left } = await requests();
    const warned = new Promise((resolve) => process.once('warning', resolve));
    seen.failure = new Error('no source');
    await start();
    await asked('one');
    await trigger.tick(look);
    expect([await left(), await warned]).toEqual([[], seen.failure]);
  });

  test('that was withdrawn, folder and all, hurts nobody', async () => {
    const { dir, trigger, start, ask, asked, look } = await requests();
    await start();
    await asked('one');
    await rm(dir, { recursive: true });
    expect(await trigger.tick(look)).toBe(SETTLED);
    const enqueued = await ask('two');
    await enqueued();
  });
});
