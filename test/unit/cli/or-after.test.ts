/** A deadline comes, whatever the garbage collector does meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { orAfter } from '../../../src/cli/basics/or-after.js';
import { until } from '../../support/until.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('comes by the clock, also when garbage was collected before', async () => {
  const end = orAfter(new AbortController().signal, 300);
  await sleep(20);
  collectGarbage();
  expect(end.aborted).toBe(false);
  await until('it fires', () => end.aborted, { timeoutMs: 5000 });
});

test('comes with what it waits for, also when that was over before', () => {
  const stop = new AbortController();
  const before = orAfter(stop.signal, 60_000);
  stop.abort();
  expect([before, orAfter(stop.signal, 60_000)].map(({ aborted }) => aborted)).toEqual([true, true]);
});
