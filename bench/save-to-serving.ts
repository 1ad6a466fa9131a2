/** Claim: a saved manifest is served almost as soon as the engine could make it so. */
import type { Benchmark, Row } from './benchmark.js';
import { median, milliseconds, ratioRow } from './benchmark.js';
import { EngineFloor } from './engine-floor.js';
import { workload } from './services.js';
import { ROUNDS } from './settings.js';
import { StackUnderTest } from './stack-under-test.js';

const HIGHEST_RATIO = 1.25;

export const saveToServing: Benchmark = {
  name: 'save-to-serving',
  how: `Ours: from the save of manifest.yaml to the first answer of the new version through nginx. Other side: raw Engine calls (create, start), the app's own start, one configuration put, one reload. One watcher, asking every 4 ms from the first moment on, on both sides; interleaved; median of ${String(ROUNDS)}.`,
  run,
};

async function run(): Promise<readonly Row[]> {
  const floor = await EngineFloor.up('save');
  try {
    const stack = await StackUnderTest.up('save', workload('v0'));
    try {
      return [await compare(stack, floor)];
    } finally {
      await stack.dispose();
    }
  } finally {
    await floor.dispose();
  }
}

/** The first round warms both sides up and is not counted. */
async function compare(stack: StackUnderTest, floor: EngineFloor): Promise<Row> {
  const ours: number[] = [];
  const other: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const version = `v${String(round + 1)}`;
    other.push(await floor.replace(version));
    ours.push(await change(stack, version));
    await stack.settled();
  }
  const sides = { ours: median(ours.slice(1)), other: median(other.slice(1)), show: milliseconds };
  return ratioRow('Save to serving, against the raw Engine calls', sides, HIGHEST_RATIO);
}

async function change(stack: StackUnderTest, version: string): Promise<number> {
  const startedAt = await stack.save({ version });
  await stack.serves(version);
  return performance.now() - startedAt;
}
