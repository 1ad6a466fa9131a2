/** Claim: the proxy's log is judged faster than any proxy on the same machine can write it. */
import { LogFrames } from '../src/reconcilers/docker/log-frames.js';
import type { LogOptions } from '../src/reconcilers/docker/engine.js';
import { CanaryMonitor } from '../src/reconcilers/judge/canary-monitor.js';
import type { Track } from '../src/reconcilers/plan/proxy-model.js';
import { limitRow, median, type Benchmark, type Row } from './benchmark.js';

const LINES = 500_000;
const RUNS = 5;
const HIGHEST_MICROSECONDS = 5;
const CHUNK_BYTES = 65_536;
const T0 = Date.parse('2026-05-05T20:55:22.000Z');
const STDERR = 2;
const LATER = T0 + 3_600_000;
/** As a canary at a quarter of the traffic gives them: every 20th fails and stable stands in. */
const SHAPES = ['canary', 'stable', 'stable', 'stable'] as const;
const REQUESTS_A_SECOND = 5000;

export const judgeLog: Benchmark = {
  name: 'judge-log',
  how: `${String(LINES)} lines of the judge's log, framed and stamped as the Engine sends them, in chunks of 64 KiB from memory, through the whole path of one follower: frames, doubles, parsing, attempts, tallies, windows and evidence of ${String(LINES / REQUESTS_A_SECOND)} s of traffic, a quarter of it a canary's, every 20th of its requests tried twice. CPU time of all threads, the garbage collector's too; median of ${String(RUNS)} runs. No other side: the ratio is to the limit, 200,000 lines a second.`,
  run,
};

async function run(): Promise<readonly Row[]> {
  const output = framedLog();
  const times: number[] = [];
  for (let round = 0; round < RUNS; round += 1) times.push(await microsecondsALine(output));
  const value = median(times);
  const rate = Math.round(1e6 / value / 1000);
  return [
    limitRow('CPU time to judge a line of the proxy’s log', value, {
      highest: HIGHEST_MICROSECONDS,
      show: (microseconds) => `${microseconds.toFixed(2)} µs`,
      note: ` (${String(rate)},000 lines a second on one core)`,
    }),
  ];
}

async function microsecondsALine(output: Buffer): Promise<number> {
  const monitor = new CanaryMonitor({ engine: engineThatHas(output), onBroken: fail });
  const before = process.cpuUsage();
  monitor.watch([canary()]);
  while (monitor.factsOf('app', LATER) === undefined) await new Promise(setImmediate);
  const { user, system } = process.cpuUsage(before);
  const facts = monitor.factsOf('app', LATER);
  await monitor.stop();
  const retried = LINES / SHAPES.length / 5;
  const counted = (facts?.canary.requests ?? 0) + (facts?.stable?.requests ?? 0);
  if (counted !== LINES + retried || facts?.canary.errors !== retried)
    throw new Error(`${String(counted)} attempts were counted, and not ${String(LINES + retried)}`);
  return (user + system) / LINES;
}

function engineThatHas(output: Buffer) {
  return {
    readLogs: (_id: string, { onLine }: LogOptions) => {
      const frames = new LogFrames(onLine);
      for (let at = 0; at < output.length; at += CHUNK_BYTES)
        frames.push(output.subarray(at, at + CHUNK_BYTES));
      return Promise.resolve();
    },
    followLogs: (_id: string, { signal }: LogOptions) =>
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
  };
}

function canary() {
  const troubles = { restarts: 0, oomKills: 0 };
  return {
    service: 'app',
    proxyContainerId: 'proxy',
    sinceMs: T0,
    limits: { max_error_percent: 1, slow_ms: 500, max_slow_percent: 1 },
    addresses: new Map<string, Track>([
      ['10.0.0.5', 'canary'],
      ['10.0.0.3', 'stable'],
    ]),
    changedAtMs: [],
    hasStable: true,
    troubles: { canary: troubles, stable: troubles },
  };
}

function fail(error: unknown): never {
  throw error;
}

function framedLog(): Buffer {
  return Buffer.concat(Array.from({ length: LINES }, (_, index) => frame(index)));
}

function frame(index: number): Buffer {
  const microseconds = Math.floor((index * 1e6) / REQUESTS_A_SECOND);
  const atMs = T0 + Math.floor(microseconds / 1000);
  const stamp = new Date(atMs)
    .toISOString()
    .replace('Z', `${String(microseconds % 1000).padStart(3, '0')}000Z`);
  const payload = Buffer.from(`${stamp} ${line(index, atMs)}\n`);
  const header = Buffer.from([STDERR, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

function line(index: number, atMs: number): string {
  const track = SHAPES[index % SHAPES.length] ?? 'stable';
  const isTriedTwice = index % (5 * SHAPES.length) === 0;
  const address = track === 'canary' ? '10.0.0.5:3000' : '10.0.0.3:3000';
  const head = `swd3|${(atMs / 1000).toFixed(3)}|app|${track}|200|0.004|OK`;
  return isTriedTwice
    ? `${head}|${address}, 10.0.0.3:3000|502, 200|-, 0.000|-, 0.003|0.000, 0.003|412|0, 94|94|${String(index)}|0`
    : `${head}|${address}|200|0.000|0.003|0.003|412|94|94|${String(index)}|0`;
}
