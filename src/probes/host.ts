/** The facts about the machine that policies judge. What cannot be measured is absent, never 0, so that a policy can tell. */
import { cpuCount } from './host/cpu-count.js';
import { diskFreeGb } from './host/disk-free.js';
import { cpuLoad1m } from './host/load.js';
import { memoryFreePercent } from './host/memory-free.js';
import { realPath } from './host/real-path.js';

/** Every number is finite; names are those of the policy's input. */
export interface HostFacts {
  /** Average number of runnable tasks over the last minute, of the whole machine. */
  readonly cpu_load_1m?: number;
  /** Cores that may be used; a fraction under a cgroup quota. */
  readonly cpu_count?: number;
  /** GB (10^9 bytes) that an unprivileged process can still write. */
  readonly disk_free_gb?: number;
  /** 0 to 100. */
  readonly mem_free_percent?: number;
  /** Where the engine's socket really is. */
  readonly engine_socket?: string;
}

export interface HostProbeOptions {
  /** Docker's data root as the Engine names it; absent for an engine on another machine. */
  readonly dataRoot?: string;
  /** The engine's; absent for one that listens elsewhere. */
  readonly socket?: string;
}

/** Measures once; never throws. */
export async function probeHost({ dataRoot, socket }: HostProbeOptions): Promise<HostFacts> {
  const measured = {
    cpu_load_1m: cpuLoad1m(),
    cpu_count: cpuCount(),
    disk_free_gb: dataRoot === undefined ? undefined : await diskFreeGb(dataRoot),
    mem_free_percent: memoryFreePercent(),
    engine_socket: socket === undefined ? undefined : await realPath(socket),
  };
  return Object.fromEntries(Object.entries(measured).filter(([, value]) => isMeasured(value)));
}

function isMeasured(value: number | string | undefined): boolean {
  return typeof value === 'string' || Number.isFinite(value);
}
