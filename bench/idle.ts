/** Claim: a controller that has nothing to do costs next to nothing. Reads Linux's /proc. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { limitRow, MissingTool, type Benchmark, type Row } from './benchmark.js';
import { cpuSeconds } from './cpu.js';
import { light } from './services.js';
import { IDLE_SECONDS } from './settings.js';
import { StackUnderTest } from './stack-under-test.js';

const CONTAINERS = 20;
const WARM_UP_MS = 10_000;
const HIGHEST_CPU_PERCENT = 0.5;
const HIGHEST_RSS_MB = 90;

export const idle: Benchmark = {
  name: 'idle',
  how: `The controller of ${String(CONTAINERS)} healthy containers for twice ${String(IDLE_SECONDS)} s without changes, health checks every 10 s: user and system time from /proc/PID/stat, resident memory from /proc/PID/status at the end. The first time begins ${String(WARM_UP_MS / 1000)} s after the start and pays for what V8 still collects and compiles of it. No other side: the ratio is to the limit. The ticks of its timer are in it, hence their number.`,
  run,
};

async function run(): Promise<readonly Row[]> {
  if (process.platform !== 'linux') throw new MissingTool('needs /proc: run it on Linux');
  const stack = await StackUnderTest.up('idle', light(CONTAINERS));
  try {
    await sleep(WARM_UP_MS);
    return [
      await cpuRow(stack, `from ${String(WARM_UP_MS / 1000)} s after its start`),
      await cpuRow(stack, `from ${String(WARM_UP_MS / 1000 + IDLE_SECONDS)} s`),
      limitRow('Idle controller, 20 containers: resident memory', await rssMegabytes(stack.pid), {
        highest: HIGHEST_RSS_MB,
        show: (value) => `${value.toFixed(0)} MB`,
      }),
    ];
  } finally {
    await stack.dispose();
  }
}

async function cpuRow(stack: StackUnderTest, when: string): Promise<Row> {
  const before = { cpu: await cpuSeconds(stack.pid), ticks: await stack.ticks(), at: performance.now() };
  await sleep(IDLE_SECONDS * 1000);
  const cpu = (await cpuSeconds(stack.pid)) - before.cpu;
  const percent = (100_000 * cpu) / (performance.now() - before.at);
  const ticks = (await stack.ticks()).count - before.ticks.count;
  return limitRow(`Idle controller, 20 containers: CPU of a core, ${when}`, percent, {
    highest: HIGHEST_CPU_PERCENT,
    show: (value) => `${value.toFixed(2)} %`,
    note: ` (${String(ticks)} ticks)`,
  });
}

async function rssMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
}
