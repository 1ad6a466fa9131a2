/** What bounds a container, read off an inspect answer: all that `docker update` can change. */
import type Docker from 'dockerode';
import type { RestartPolicy } from '../desired/stack-spec.js';
import type { ObservedConfig } from '../observed/world.js';

/** What the engine's kernel can hold; the Engine throws the rest away with a warning. */
export interface KernelLimits {
  readonly memory: boolean;
  readonly swap: boolean;
  readonly pids: boolean;
}

export const EVERY_LIMIT: KernelLimits = { memory: true, swap: true, pids: true };

/** What stands where a limit was thrown away, or where a person took it away: only the kernel tells which. */
export function mayBeThrownAway({ MemorySwap, PidsLimit }: Docker.HostConfig): boolean {
  return MemorySwap === -1 || (PidsLimit ?? 0) === 0;
}

export async function kernelLimits(docker: Docker): Promise<KernelLimits> {
  const info = (await docker.info()) as Partial<Record<'MemoryLimit' | 'SwapLimit' | 'PidsLimit', boolean>>;
  const { MemoryLimit: memory = true, SwapLimit: swap = true, PidsLimit: pids = true } = info;
  return { memory, swap, pids };
}

type Limits = Pick<
  ObservedConfig,
  'pids' | 'nanoCpus' | 'memoryBytes' | 'memorySwapBytes' | 'restartPolicy' | 'maxRetries' | 'otherLimits'
>;

export function limitsOf(host: Docker.HostConfig, kernel: KernelLimits): Limits {
  return {
    ...(kernel.pids ? { pids: host.PidsLimit ?? 0 } : {}),
    nanoCpus: host.NanoCpus ?? 0,
    ...(kernel.memory ? { memoryBytes: host.Memory ?? 0 } : {}),
    ...(kernel.memory && kernel.swap ? { memorySwapBytes: host.MemorySwap ?? 0 } : {}),
    restartPolicy: (host.RestartPolicy?.Name || 'no') as RestartPolicy,
    maxRetries: host.RestartPolicy?.MaximumRetryCount ?? 0,
    otherLimits: otherLimits(host),
  };
}

function otherLimits(host: Docker.HostConfig): Readonly<Record<string, string>> {
  const limits = {
    ...(host.NanoCpus ? {} : { 'cpu-period': host.CpuPeriod, 'cpu-quota': host.CpuQuota }),
    'blkio-weight': host.BlkioWeight,
    'cpu-rt-period': host.CpuRealtimePeriod,
    'cpu-rt-runtime': host.CpuRealtimeRuntime,
    'cpu-shares': host.CpuShares,
    'cpuset-cpus': host.CpusetCpus,
    'cpuset-mems': host.CpusetMems,
    'kernel-memory': host.KernelMemory,
    'memory-reservation': host.MemoryReservation,
  };
  return Object.fromEntries(
    Object.entries(limits).flatMap(([option, value]) => (value ? [[option, String(value)]] : [])),
  );
}
