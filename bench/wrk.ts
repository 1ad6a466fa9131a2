/**
 * 32 keep-alive connections that never stop asking, without a gap: runs of `wrk` that overlap. Each ends by its own `-d`,
 * so that no load outlives a benchmark by more than one run.
 */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MissingTool } from './benchmark.js';

const exec = promisify(execFile);

const RUN_SECONDS = 30;
const OVERLAP_MS = 1000;
const CONNECTIONS = 32;
const THREADS = 2;

export interface LoadTotals {
  readonly requests: number;
  /** Resets, refused connections, time-outs and answers other than 2xx or 3xx. */
  readonly failures: number;
}

export async function requireWrk(): Promise<void> {
  const missing = await exec('wrk', ['--version']).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === 'ENOENT', // it ends with 1 after --version
  );
  if (missing)
    throw new MissingTool('wrk is missing: apt-get install wrk (Debian, Ubuntu), brew install wrk');
}

export class WrkLoad {
  private readonly runs: Promise<string>[] = [];
  private readonly stopping = new AbortController();
  private readonly following: Promise<void>;

  constructor(private readonly url: string) {
    this.following = this.follow();
  }

  /** No run starts any more; the last one ends by itself. */
  noMore(): void {
    this.stopping.abort();
  }

  /** After `noMore`, of all runs; throws when one of them broke. */
  async totals(): Promise<LoadTotals> {
    await this.following;
    const outputs = await Promise.all(this.runs);
    return outputs.map(totalsOf).reduce((sum, each) => ({
      requests: sum.requests + each.requests,
      failures: sum.failures + each.failures,
    }));
  }

  private async follow(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const run = this.run();
      run.catch(() => undefined); // told by `totals`
      this.runs.push(run);
      await sleep(RUN_SECONDS * 1000 - OVERLAP_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async run(): Promise<string> {
    const shape = ['-t', String(THREADS), '-c', String(CONNECTIONS), '-d', `${String(RUN_SECONDS)}s`];
    const { stdout } = await exec('wrk', [...shape, '--timeout', '15s', this.url]);
    return stdout;
  }
}

/** `wrk` leaves out the lines of what did not happen. */
export function totalsOf(output: string): LoadTotals {
  const requests = /^\s*(\d+) requests in/m.exec(output)?.[1];
  if (requests === undefined) throw new Error(`wrk said nothing that is known: ${output}`);
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output) ?? [];
  const answers = /Non-2xx or 3xx responses: (\d+)/.exec(output) ?? [];
  const failures = [...sockets.slice(1), ...answers.slice(1)].reduce((sum, each) => sum + Number(each), 0);
  return { requests: Number(requests), failures };
}
