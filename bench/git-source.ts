/** Claims: a commit is served almost as soon as a saved file, however long the history; repositories that rest cost next to nothing. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { limitRow, median, milliseconds, type Benchmark, type Row } from './benchmark.js';
import { cpuSeconds } from './cpu.js';
import { Repository } from './repository.js';
import { workload } from './services.js';
import { IDLE_SECONDS, ROUNDS } from './settings.js';
import { StackUnderTest } from './stack-under-test.js';

const LONGEST_DETOUR_MS = 150;
const LONG_HISTORY = 10_000;
const REPOSITORIES = 10;
const HIGHEST_CPU_PERCENT = 0.5;
const WARM_UP_MS = 10_000;
const POLLER = fileURLToPath(new URL('git-poller.mjs', import.meta.url));

export const gitSource: Benchmark = {
  name: 'git-source',
  how: `From the moment at which the branch of a watched bare repository moves to the first answer of the new version, less the same from the save of a file; both stacks side by side, interleaved; medians of ${String(ROUNDS)}. Then the same with ${String(LONG_HISTORY)} commits of history. Idle: one process that follows ${String(REPOSITORIES)} repositories of a git daemon, polled every 30 s, for ${String(IDLE_SECONDS)} s; the gits that it starts count.`,
  run,
};

async function run(): Promise<readonly Row[]> {
  const home = await mkdtemp(join(tmpdir(), 'swd-bench-git-'));
  try {
    return [
      await detour(home, 'Commit to serving, beyond a saved file', 0),
      await detour(home, `The same with ${String(LONG_HISTORY)} commits`, LONG_HISTORY),
      await idlePolling(home),
    ];
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function detour(home: string, claim: string, commits: number): Promise<Row> {
  const repository = await Repository.create(join(home, `history-${String(commits)}.git`), commits);
  const file = await StackUnderTest.up('file', workload('v0'));
  const git = await StackUnderTest.up('git', workload('v0'), repository).catch(async (error: unknown) => {
    await file.dispose();
    throw error;
  });
  try {
    const times = { file: [] as number[], git: [] as number[] };
    for (let round = 0; round <= ROUNDS; round += 1) {
      times.file.push(await change(file, `v${String(round + 1)}`));
      times.git.push(await change(git, `v${String(round + 1)}`));
    }
    const [saved, committed] = [median(times.file.slice(1)), median(times.git.slice(1))];
    const note = ` (${milliseconds(committed)} against ${milliseconds(saved)})`;
    return limitRow(claim, committed - saved, { highest: LONGEST_DETOUR_MS, show: milliseconds, note });
  } finally {
    await file.dispose();
    await git.dispose();
  }
}

/** The first round of each warms up and is not counted. */
async function change(stack: StackUnderTest, version: string): Promise<number> {
  const startedAt = await stack.save({ version });
  await stack.serves(version);
  const took = performance.now() - startedAt;
  await stack.settled();
  return took;
}

async function idlePolling(home: string): Promise<Row> {
  const names = Array.from({ length: REPOSITORIES }, (_, n) => `idle-${String(n)}.git`);
  for (const name of names) {
    const repository = await Repository.create(join(home, name), 0);
    await repository.publish('services: {}\n');
  }
  const child = spawn(process.execPath, ['--import', 'tsx', POLLER, home, ...names], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    const { pid } = child;
    if (pid === undefined) throw new Error('the poller did not start');
    await sleep(WARM_UP_MS);
    const [before, startedAt] = [await cpuSeconds(pid), performance.now()];
    await sleep(IDLE_SECONDS * 1000);
    const percent = (100_000 * ((await cpuSeconds(pid)) - before)) / (performance.now() - startedAt);
    return limitRow(`${String(REPOSITORIES)} repositories, polled: CPU of a core`, percent, {
      highest: HIGHEST_CPU_PERCENT,
      show: (value) => `${value.toFixed(2)} %`,
    });
  } finally {
    child.kill('SIGTERM');
  }
}
