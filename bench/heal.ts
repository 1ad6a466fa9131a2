/** Claim: what somebody removed by hand is back almost as soon as the engine could make it again. */
import type { Benchmark, Row } from './benchmark.js';
import { median, milliseconds, ratioRow } from './benchmark.js';
import { remove } from '../test/support/engine.js';
import { EngineFloor } from './engine-floor.js';
import { workload } from './services.js';
import { HEALS } from './settings.js';
import { StackUnderTest } from './stack-under-test.js';

const HIGHEST_RATIO = 1.25;
const VERSION = 'v1';

export const heal: Benchmark = {
  name: 'heal',
  how: `From \`docker rm -f\` of the only replica (the removal itself included) to the next answer through nginx; ours by the controller, the other side by raw Engine calls, a configuration put and a reload. Interleaved; median of ${String(HEALS)}.`,
  run,
};

async function run(): Promise<readonly Row[]> {
  const floor = await EngineFloor.up('heal');
  try {
    const stack = await StackUnderTest.up('heal', workload(VERSION));
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
  for (let round = 0; round <= HEALS; round += 1) {
    other.push(await floor.heal(VERSION));
    ours.push(await healed(stack));
    await stack.settled();
  }
  const sides = { ours: median(ours.slice(1)), other: median(other.slice(1)), show: milliseconds };
  return ratioRow(
    'Drift healed (`docker rm -f` to serving), against the raw Engine calls',
    sides,
    HIGHEST_RATIO,
  );
}

async function healed(stack: StackUnderTest): Promise<number> {
  const [replica] = await stack.replicas();
  if (replica === undefined) throw new Error('there is no replica to remove');
  const startedAt = performance.now();
  await remove(replica);
  await stack.serves(VERSION);
  return performance.now() - startedAt;
}
