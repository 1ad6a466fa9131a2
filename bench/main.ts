/**
 * `npm run bench [name …]`: runs all benchmarks, or the named ones, and prints a table of ratios. A run of all of them is
 * written to bench/results.md; a run of some leaves that file alone.
 */
import { writeFile } from 'node:fs/promises';
import { appStart } from './app-start.js';
import { audit } from './audit.js';
import { MissingTool, type Benchmark } from './benchmark.js';
import { firstStart } from './first-start.js';
import { gitSource } from './git-source.js';
import { heal } from './heal.js';
import { idle } from './idle.js';
import { idleTick } from './idle-tick.js';
import { judgeLog } from './judge-log.js';
import { lockMachine } from './ports.js';
import { policyEdit } from './policy-edit.js';
import { policyTest } from './policy-test.js';
import { page, table, type Result } from './report.js';
import { saveToServing } from './save-to-serving.js';
import { zeroDowntime } from './zero-downtime.js';

const ALL: readonly Benchmark[] = [
  saveToServing,
  zeroDowntime,
  idleTick,
  firstStart,
  heal,
  idle,
  appStart,
  audit,
  policyEdit,
  policyTest,
  gitSource,
  judgeLog,
];
const REASON_LIMIT = 120;
const RESULTS = new URL('results.md', import.meta.url);

await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !ALL.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) {
    const known = ALL.map(({ name }) => name).join(', ');
    process.stderr.write(`no benchmark is named ${unknown.join(', ')}; there are: ${known}\n`);
    process.exitCode = 1;
    return;
  }
  await lockMachine();
  const results: Result[] = [];
  for (const benchmark of ALL) {
    if (names.length === 0 || names.includes(benchmark.name)) results.push(await resultOf(benchmark));
  }
  process.stdout.write(`${table(results)}\n`);
  if (names.length === 0) await writeFile(RESULTS, await page(results));
}

/** One that breaks does not keep the others from running. */
async function resultOf(benchmark: Benchmark): Promise<Result> {
  const startedAt = performance.now();
  process.stderr.write(`${benchmark.name} …\n`);
  try {
    const rows = await benchmark.run();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    process.stderr.write(`${benchmark.name}: ${seconds} s\n${table([{ benchmark, rows }])}\n`);
    return { benchmark, rows };
  } catch (error) {
    if (!(error instanceof MissingTool)) process.stderr.write(`${String(error)}\n`);
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return { benchmark, rows: [], notRun: reason.slice(0, REASON_LIMIT) };
  }
}
