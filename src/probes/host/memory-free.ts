/**
 * The free share of memory: the machine's, or that of the tightest control group around this process, whichever is smaller.
 * Page cache counts as free, because the kernel gives it back.
 */
import { freemem, totalmem } from 'node:os';
import { cgroupFolders, readText, type CgroupFolder } from './cgroup.js';

const INACTIVE_FILE = { 1: 'total_inactive_file', 2: 'inactive_file' } as const;

/** Percent free, 0 to 100, rounded down to hundredths; undefined when nothing can be measured. */
export function memoryFreePercent(): number | undefined {
  const meminfo = readText('/proc/meminfo');
  const machine = meminfo === undefined ? freePercentOfOs() : parseMeminfo(meminfo);
  const groups = cgroupFolders('memory').map(readGroup);
  const shares = [machine, ...groups].filter((share) => share !== undefined);
  return shares.length === 0 ? undefined : Math.min(...shares);
}

/** From /proc/meminfo's MemAvailable, which kernels before 3.14 lack: then free plus cache. */
export function parseMeminfo(text: string): number | undefined {
  const kilobytes = (name: string) => numberIn(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text));
  const cache = (kilobytes('MemFree') ?? NaN) + (kilobytes('Buffers') ?? 0) + (kilobytes('Cached') ?? 0);
  return percent(kilobytes('MemAvailable') ?? cache, kilobytes('MemTotal'));
}

/** What a cgroup's files say: limit and usage in bytes, and its memory.stat. */
export interface CgroupMemory {
  readonly version: 1 | 2;
  readonly limit: string;
  readonly usage: string;
  readonly stat: string;
}

/** Percent free below a cgroup's limit; undefined for `max` and for version 1's limit of nearly 2^63, which mean none. */
export function parseCgroupMemory({ version, limit, usage, stat }: CgroupMemory): number | undefined {
  const total = Number(limit);
  if (!Number.isFinite(total) || total <= 0 || total >= 2 ** 62) return undefined;
  const cache = numberIn(new RegExp(`^${INACTIVE_FILE[version]} (\\d+)$`, 'm').exec(stat)) ?? 0;
  return percent(total - Math.max(0, Number(usage) - cache), total);
}

function readGroup({ version, path }: CgroupFolder): number | undefined {
  const names =
    version === 2
      ? ['memory.max', 'memory.current', 'memory.stat']
      : ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'memory.stat'];
  const [limit, usage, stat] = names.map((name) => readText(`${path}/${name}`));
  if (limit === undefined || usage === undefined) return undefined;
  return parseCgroupMemory({ version, limit, usage, stat: stat ?? '' });
}

/** macOS counts cache as used here, so a Mac looks fuller than it is: a stricter answer, not a looser one. */
function freePercentOfOs(): number | undefined {
  return percent(freemem(), totalmem());
}

function percent(free: number, total: number | undefined): number | undefined {
  if (total === undefined || !Number.isFinite(free) || total <= 0) return undefined;
  const share = Math.min(Math.max(free / total, 0), 1);
  return Math.floor(share * 10_000) / 100;
}

function numberIn(match: RegExpExecArray | null): number | undefined {
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
