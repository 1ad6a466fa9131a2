/** Claim: an author who tries policies waits seconds. */
import { limitRow, median, milliseconds, type Benchmark, type Row } from './benchmark.js';
import { light } from './services.js';
import { ROUNDS } from './settings.js';
import { StackUnderTest } from './stack-under-test.js';

const LONGEST_MS = 3000;

export const policyTest: Benchmark = {
  name: 'policy-test',
  how: `Wall time of \`swiftdeploy policies test\` on the shipped policies, from the start of Node.js to its end: check, tests, probes and coverage. Warm: an earlier run, which does not count, has left in the state directory what the image's OPA can do. Median of ${String(ROUNDS)}.`,
  run,
};

async function run(): Promise<readonly Row[]> {
  const stack = await StackUnderTest.prepare('policy-test', light(1));
  try {
    const times: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) times.push(await stack.testPolicies());
    const [, ...warm] = times;
    const note = ` (median; slowest ${milliseconds(Math.max(...warm))})`;
    const limit = { highest: LONGEST_MS, show: milliseconds, note };
    return [limitRow('`policies test` of the shipped policies', median(warm), limit)];
  } finally {
    await stack.dispose();
  }
}
