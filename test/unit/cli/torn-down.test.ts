/** What history is told of a teardown, whether it came to its end or not. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { stackPaths } from '../../../src/cli/basics/paths.js';
import { noteTeardown, noteUnfinished } from '../../../src/cli/teardown/torn-down.js';
import { HistoryLog } from '../../../src/controller/history/history-log.js';
import type { Removal } from '../../../src/reconcilers/teardown.js';
import { validatorOf } from '../../support/published-schemas.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

let dir = '';

beforeEach(async () => {
  dir = await temporaryDirectory();
  await (await HistoryLog.open(join(dir, 'history.jsonl'))).close();
});

const TOLD: readonly Removal[] = [
  { kind: 'removed', what: 'container', name: 'shop-proxy' },
  { kind: 'removed', what: 'container', name: 'shop-app' },
  { kind: 'left', what: 'network', name: 'shop-net', why: 'it is in use' },
];

const GONE = {
  event: 'step',
  step: 'teardown',
  containers: ['shop-app', 'shop-proxy'],
  networks: [],
  volumes: [],
};

async function events(): Promise<readonly unknown[]> {
  const lines = (await readFile(join(dir, 'history.jsonl'), 'utf8')).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as unknown);
}

const paths = () => stackPaths({ manifest: join(dir, 'manifest.yaml') });

test('names what was removed, not what was left', async () => {
  await noteTeardown(paths(), 'shop', { told: TOLD, clean: false });
  expect(await events()).toMatchObject([{ ...GONE, cause: 'stack shop was torn down by a person' }]);
});

test('one that was interrupted is told with what it had removed by then', async () => {
  await noteUnfinished(paths(), 'shop', { told: TOLD, why: 'who interrupted it' });
  const told = await events();
  const cause = 'stack shop was being torn down by a person, who interrupted it';
  expect(told).toMatchObject([{ ...GONE, cause }]);
  expect(validatorOf('history')(told[0])).toBe(true);
});

test('one that was interrupted before anything had gone tells nothing', async () => {
  await noteUnfinished(paths(), 'shop', { told: [], why: 'who interrupted it' });
  expect(await events()).toEqual([]);
});
