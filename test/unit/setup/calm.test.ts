import { expect, test } from 'vitest';
import { calmDown } from '../../../src/setup/calm.js';

test('a calm machine is not waited for', async () => {
  const said: string[] = [];
  await calmDown(
    (line) => said.push(line),
    () => 0.4,
  );
  expect(said).toEqual([]);
});

test('a busy machine is waited for, and told about', async () => {
  const loads = [3, 3, 2, 2, 1.5];
  const said: string[] = [];
  const pauses: number[] = [];
  await calmDown(
    (line) => said.push(line),
    () => loads.shift() ?? 1,
    (ms) => Promise.resolve(pauses.push(ms)),
  );
  expect(said).toEqual(['load 3.00 per core, waiting for 1.6', 'load 2.00 per core, waiting for 1.6']);
  expect(pauses).toEqual([1000, 1000]);
});
