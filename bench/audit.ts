/** Claim: a million events are verified and told in seconds, in memory that does not grow with them. Reads Linux's /proc. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeHistory } from './audit-history.js';
import { limitRow, MissingTool, type Benchmark, type Row } from './benchmark.js';
import { AUDIT_EVENTS } from './settings.js';

const HIGHEST_SECONDS = 10;
const HIGHEST_RSS_MB = 200;
const POLL_MS = 20;
const MAIN = join(
  process.env['SWIFTDEPLOY_DIST'] ?? fileURLToPath(new URL('../dist', import.meta.url)),
  'main.js',
);

export const audit: Benchmark = {
  name: 'audit',
  how: `\`swiftdeploy audit\` of ${String(AUDIT_EVENTS)} events in rotated files of 64 MiB as the controller writes them (scrapes, deployments, promotions, denials, drift): wall time of the whole process, Node.js included, and its highest resident memory from /proc/PID/status. No other side: the ratio is to the limit.`,
  run,
};

async function run(): Promise<readonly Row[]> {
  if (process.platform !== 'linux') throw new MissingTool('needs /proc: run it on Linux');
  const dir = await mkdtemp(join(tmpdir(), 'swd-bench-audit-'));
  try {
    await writeHistory(join(dir, 'history.jsonl'), AUDIT_EVENTS);
    const { seconds, megabytes } = await measure(dir);
    const claim = `Audit of ${String(AUDIT_EVENTS)} events`;
    return [
      limitRow(`${claim}: wall time`, seconds, {
        highest: HIGHEST_SECONDS,
        show: (value) => `${value.toFixed(1)} s`,
      }),
      limitRow(`${claim}: highest resident memory`, megabytes, {
        highest: HIGHEST_RSS_MB,
        show: (value) => `${value.toFixed(0)} MB`,
      }),
    ];
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** The peak is read until the process has gone: the last reading is at most a poll old. */
async function measure(dir: string): Promise<{ seconds: number; megabytes: number }> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [MAIN, 'audit'], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const closed = once(child, 'close');
  let kilobytes = 0;
  while (child.exitCode === null && child.signalCode === null) {
    kilobytes = Math.max(kilobytes, await peakKilobytes(child.pid ?? 0));
    await sleep(POLL_MS);
  }
  const [code] = (await closed) as [number | null];
  if (code !== 0) throw new Error(`audit ended with ${String(code)}`);
  return { seconds: (performance.now() - startedAt) / 1000, megabytes: (kilobytes * 1024) / 1e6 };
}

async function peakKilobytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
}
