import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newestNews } from '../../../src/cli/status/history-view.js';
import {
  encodeEvent,
  GENESIS,
  type HistoryEventName,
} from '../../../src/controller/history/history-event.js';

let dir = '';
let path = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swd-news-'));
  path = join(dir, 'history.jsonl');
});

afterEach(() => rm(dir, { recursive: true, force: true }));

async function write(to: string, ...events: readonly (readonly [HistoryEventName, number])[]): Promise<void> {
  const names = events.flatMap(([name, count]) => Array.from({ length: count }, () => name));
  const lines = names.map((event, index) =>
    encodeEvent({ ...GENESIS, seq: index }, { event, cause: 'x'.repeat(200) }, '2026-05-05T20:55:22.000Z'),
  );
  await writeFile(to, lines.map((line) => `${line.toString('utf8')}\n`).join(''));
}

async function names(count: number): Promise<string[]> {
  return (await newestNews(path, count)).map(({ event }) => event);
}

test('what happened before thousands of looks at the metrics is still found', async () => {
  await write(path, ['controller_started', 1], ['deploy', 1], ['status_scrape', 5000]);
  expect(await names(5)).toEqual(['controller_started', 'deploy', 'status_scrape']);
});

test('a look at the metrics is told only when it is the last of all', async () => {
  await write(path, ['deploy', 1], ['status_scrape', 2], ['promote', 1]);
  expect(await names(5)).toEqual(['deploy', 'promote']);
});

test('looks at a canary are no news', async () => {
  await write(path, ['deploy', 1], ['canary_look', 5000], ['canary_step', 1], ['canary_look', 1]);
  expect(await names(5)).toEqual(['deploy', 'canary_step']);
});

test('no more than asked for, the newest', async () => {
  await write(path, ['deploy', 3], ['promote', 2]);
  expect(await names(3)).toEqual(['deploy', 'promote', 'promote']);
});

test('what a rotation put away comes first', async () => {
  await write(join(dir, 'history-000000000001.jsonl'), ['deploy', 1], ['status_scrape', 1]);
  await write(path, ['promote', 1]);
  expect(await names(5)).toEqual(['deploy', 'promote']);
});

test('of no history there are none', async () => {
  expect(await names(5)).toEqual([]);
});
