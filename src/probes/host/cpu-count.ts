/** How many cores may be used: what the scheduler offers, or less under a cgroup's quota. */
import { availableParallelism } from 'node:os';
import { cgroupFolders, readText, type CgroupFolder } from './cgroup.js';

/** Cores; a fraction where a quota grants less than one. */
export function cpuCount(): number {
  const quotas = cgroupFolders('cpu').map(readQuota);
  return Math.min(availableParallelism(), ...quotas.filter((quota) => quota !== undefined));
}

/** Cores granted by cgroup v2's cpu.max (`150000 100000`), or undefined for `max` and for what is no quota. */
export function parseCpuMax(text: string): number | undefined {
  const [quota, period] = text.trim().split(/\s+/);
  return cores(quota, period ?? '100000');
}

/** Cores granted by cgroup v1's cfs_quota_us and cfs_period_us, or undefined for -1, which is no quota. */
export function parseCfsQuota(quota: string, period: string): number | undefined {
  return cores(quota, period);
}

function readQuota({ version, path }: CgroupFolder): number | undefined {
  if (version === 2) {
    const text = readText(`${path}/cpu.max`);
    return text === undefined ? undefined : parseCpuMax(text);
  }
  const quota = readText(`${path}/cpu.cfs_quota_us`);
  const period = readText(`${path}/cpu.cfs_period_us`);
  return quota === undefined || period === undefined ? undefined : parseCfsQuota(quota, period);
}

function cores(quota: string | undefined, period: string): number | undefined {
  const share = Number(quota) / Number(period);
  return Number.isFinite(share) && share > 0 ? share : undefined;
}
