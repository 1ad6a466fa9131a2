/** After set-up itself has built images: lets the machine calm down, so that the host policy does not deny what we made busy. */
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '../../scripts/stage.mjs';

/** Well below the shipped policy's 2.0 per core. */
const CALM_LOAD_PER_CORE = 1.6;
const LONGEST_WAIT_MS = 120_000;
const LOOK_MS = 1000;

/** Resolves with the load in words when it is low, or after two minutes: then the policy has the word. */
export async function calmDown(
  report: Report,
  loadPerCore: () => number = currentLoad,
  pause: (ms: number) => Promise<unknown> = sleep,
): Promise<string> {
  const deadline = performance.now() + LONGEST_WAIT_MS;
  while (loadPerCore() > CALM_LOAD_PER_CORE && performance.now() < deadline) {
    report(`load ${loadPerCore().toFixed(2)} per core, waiting for ${String(CALM_LOAD_PER_CORE)}`);
    await pause(LOOK_MS);
  }
  return `load ${loadPerCore().toFixed(2)} per core`;
}

function currentLoad(): number {
  return (loadavg()[0] ?? 0) / availableParallelism();
}
