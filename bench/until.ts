/** Waiting for the world in a benchmark: the same client and the same pace on both sides of a comparison. */
import { setTimeout as sleep } from 'node:timers/promises';
import { httpGet } from '../src/probes/health/http-get.js';

const PACE_MS = 4;
const LIMIT_MS = 60_000;

export interface Patience {
  readonly paceMs?: number;
  readonly limitMs?: number;
  /** What to say when it did not happen. */
  readonly explain?: () => string;
}

export async function until(isSo: () => Promise<boolean>, patience: Patience = {}): Promise<void> {
  const { paceMs = PACE_MS, limitMs = LIMIT_MS, explain = () => '' } = patience;
  const deadline = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > deadline)
      throw new Error(`what was waited for did not happen within ${String(limitMs / 1000)} s ${explain()}`);
    await sleep(paceMs);
  }
}

/** The workload behind `url` says that it is `version`. */
export async function answersWith(url: string, version: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const answer = await httpGet({ host: hostname, port: Number(port), path: '/', timeoutMs: 1000 });
  return answer.answered && answer.body.includes(`"version":"${version}"`);
}
