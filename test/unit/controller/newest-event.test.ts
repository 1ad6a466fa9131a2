import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HistoryLog } from '../../../src/controller/history/history-log.js';
import { newestEvent } from '../../../src/controller/history/newest-event.js';
import { temporaryDirectory } from './temporary-directory.js';

const events = new Set(['manifest_changed', 'manifest_invalid']);

async function written(generations: readonly number[]) {
  const path = join(await temporaryDirectory(), 'history.jsonl');
  const log = await HistoryLog.open(path);
  onTestFinished(() => log.close());
  await log.append({ event: 'controller_started' });
  for (const generation of generations) await log.append({ event: 'manifest_changed', generation });
  await log.append({ event: 'deploy' });
  return { path, log };
}

describe('the newest event', () => {
  test('of those that are wanted', async () => {
    const { path } = await written([1, 2]);
    expect(await newestEvent(path, { events, after: 0 })).toMatchObject({ seq: 3, generation: 2 });
  });

  test('is looked for after a number alone', async () => {
    const { path } = await written([1, 2]);
    expect(await newestEvent(path, { events, after: 2 })).toMatchObject({ seq: 3 });
    expect(await newestEvent(path, { events, after: 3 })).toBeUndefined();
  });

  test('is found in a file that was rotated', async () => {
    const { path, log } = await written([1, 2]);
    await rename(path, path.replace('history.jsonl', 'history-000000000001.jsonl'));
    await log.append({ event: 'deploy' });
    expect(await newestEvent(path, { events, after: 0 })).toMatchObject({ generation: 2 });
  });

  test('of a stack that has no history yet', async () => {
    const path = join(await temporaryDirectory(), 'history.jsonl');
    expect(await newestEvent(path, { events, after: 0 })).toBeUndefined();
  });
});
