/**
 * Time as this machine had it. A virtual machine whose host takes the processors away ("steal" in proc(5)) stands still
 * meanwhile, and so does this clock: to wait 30 s on it is no test of how busy the host is.
 */
import { readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second: less than this tells nothing. */
const SAMPLE_MS = 500;

interface Sample {
  readonly atMs: number;
  readonly busy: number;
  readonly stolen: number;
}

let ownMs = 0;
let last = sample();

/** Milliseconds since the process started, without what the host took; wall time where nobody counts that. */
export function machineNow(): number {
  const now = sample();
  if (now.atMs - last.atMs < SAMPLE_MS) return ownMs + (now.atMs - last.atMs) * share(last, now);
  ownMs += (now.atMs - last.atMs) * share(last, now);
  last = now;
  return ownMs;
}

/** Of what was asked of the processors, how much they gave. */
function share(from: Sample, to: Sample): number {
  const busy = to.busy - from.busy;
  const stolen = to.stolen - from.stolen;
  return stolen > 0 ? busy / (busy + stolen) : 1;
}

function sample(): Sample {
  const { busy, stolen } = processorTicks();
  return { atMs: performance.now(), busy, stolen };
}

/** The first line of /proc/stat: `cpu user nice system idle iowait irq softirq steal …`. */
function processorTicks(): { readonly busy: number; readonly stolen: number } {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] = readStat();
  return { busy: user + nice + system + irq + softirq, stolen };
}

function readStat(): readonly number[] {
  try {
    return readFileSync('/proc/stat', 'utf8').split('\n', 1).join('').split(/\s+/).slice(1).map(Number);
  } catch {
    return [];
  }
}
