/** Claim: the sample application listens almost as soon as its container runs. */
import { docker, remove, TEST_LABEL } from '../test/support/engine.js';
import { plainOutput } from '../src/reconcilers/docker/output.js';
import { limitRow, median, milliseconds, type Benchmark, type Row } from './benchmark.js';
import { WORKLOAD_IMAGE } from './services.js';
import { ROUNDS } from './settings.js';
import { until } from './until.js';

const HIGHEST_MS = 150;
const LISTENING = /"time":"([^"]+)","message":"listening"/;

export const appStart: Benchmark = {
  name: 'app-start',
  how: `From the Engine's StartedAt of a container of the sample application to the moment that its log calls "listening"; median of ${String(ROUNDS)}.`,
  run,
};

async function run(): Promise<readonly Row[]> {
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) times.push(await startOnce());
  const value = median(times.slice(1));
  return [
    limitRow('The sample application listens after its start', value, {
      highest: HIGHEST_MS,
      show: milliseconds,
    }),
  ];
}

async function startOnce(): Promise<number> {
  const labels = { [TEST_LABEL]: 'swd-bench-app-start' };
  const container = await docker.createContainer({ Image: WORKLOAD_IMAGE, Labels: labels });
  try {
    await container.start();
    let listeningAt: string | undefined;
    await until(async () => {
      const log = plainOutput(await container.logs({ stdout: true, stderr: true }));
      listeningAt = LISTENING.exec(log)?.[1];
      return listeningAt !== undefined;
    });
    return Date.parse(listeningAt ?? '') - Date.parse((await container.inspect()).State.StartedAt);
  } finally {
    await remove(container.id);
  }
}
