/**
 * `npm run bench:judge`: simulated rollouts, judged by the shipped policy in the real OPA, beside the rules of others; prints goals with
 * met or not. All of it is written to bench/judge.md; a run with
 * `--quick`, `--rollouts N`, `--only TEXT`, `--set threshold=value` or `--policies DIR` leaves that file alone.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runOurs } from './judge/ours.js';
import { canaryOpa, type Opa } from './judge/opa.js';
import { goalTable, page, rowTable } from './judge/page.js';
import { leastHarm } from './judge/oracle.js';
import { RIVALS, runRival } from './judge/rivals.js';
import { SCENARIOS, type Scenario } from './judge/scenario.js';
import type { Row } from './judge/figures.js';

const FIRST_SEED = 20_261_121;
const ROLLOUTS = 2000;
const QUICK_ROLLOUTS = 100;
const RESULTS = new URL('judge.md', import.meta.url);

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    rollouts: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    policies: { type: 'string' },
  },
});

await main();

async function main(): Promise<void> {
  const startedAt = performance.now();
  const opa = await canaryOpa(Object.fromEntries(options.set.map(setting)), options.policies);
  try {
    const rollouts = Number(options.rollouts ?? (options.quick ? QUICK_ROLLOUTS : ROLLOUTS));
    const rows: Row[] = [];
    for (const scenario of wanted()) rows.push(await rowOf(scenario, rollouts, opa));
    process.stdout.write(`${rowTable(rows)}\n\n${goalTable(rows)}\n`);
    const seconds = (performance.now() - startedAt) / 1000;
    process.stderr.write(`${String(opa.questions())} questions, ${seconds.toFixed(0)} s\n`);
    const thresholds = opa.settings;
    if (isWhole(rollouts))
      await writeFile(
        RESULTS,
        page(rows, { rollouts, seed: FIRST_SEED, thresholds, questions: opa.questions(), seconds }),
      );
  } finally {
    await opa.stop();
  }
}

function isWhole(rollouts: number): boolean {
  const { only, set, policies } = options;
  return rollouts === ROLLOUTS && only.length + set.length === 0 && policies === undefined;
}

function wanted(): readonly Scenario[] {
  const { only } = options;
  return SCENARIOS.filter(({ name }) => only.length === 0 || only.some((text) => name.includes(text)));
}

function setting(text: string): [string, number] {
  const [name = '', value] = text.split('=');
  if (!Number.isFinite(Number(value))) throw new Error(`--set wants threshold=number, got ${text}`);
  return [name, Number(value)];
}

/** Every row has the same seeds: one run by itself gives the same figures. */
async function rowOf(scenario: Scenario, rollouts: number, opa: Opa): Promise<Row> {
  const startedAt = performance.now();
  const seeds = Array.from({ length: rollouts }, (_, index) => FIRST_SEED + index);
  const ours = await runOurs(scenario, seeds, opa);
  const rivals = Object.fromEntries(
    (scenario.bakeSeconds === undefined ? RIVALS : []).map((rival) => [
      rival.name,
      seeds.map((seed) => runRival(rival, scenario, seed)),
    ]),
  );
  process.stderr.write(`${scenario.name}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
  const least = leastHarm(scenario, opa.alarm);
  return { scenario, ours, rivals, ...(least === undefined ? {} : { leastHarm: least }) };
}
