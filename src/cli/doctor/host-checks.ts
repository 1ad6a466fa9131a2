/** The machine: disk, memory and load against the policies' limits, the engine's clock, and the limits on watching files. Pure. */
import type { InotifyLimits } from '../../probes/host/inotify.js';
import type { HostFacts } from '../../probes/host.js';
import type { OpenEngine } from '../checks/engine-access.js';
import { fail, ok, skipped, warn, type Finding } from '../checks/finding.js';
import type { Thresholds } from './thresholds.js';

/** A full disk passes by no waiting, so it fails; memory and load may pass by themselves, so they warn. */
export function judgeDisk({ disk_free_gb: free }: HostFacts, limits: Thresholds, dataRoot: string): Finding {
  if (free === undefined) return skipped(`${dataRoot} is not on this machine`);
  const found = `${String(free)} GB free at ${dataRoot}`;
  const cure = 'see what uses it (docker system df), then: docker image prune -a, docker builder prune';
  const { min_disk_free_gb: toDeploy, min_disk_free_gb_heal: toHeal } = limits;
  if (toHeal !== undefined && free < toHeal)
    return fail(`${found}: nothing is deployed or healed below ${String(toHeal)} GB`, cure);
  if (toDeploy !== undefined && free < toDeploy)
    return fail(`${found}: nothing is deployed below ${String(toDeploy)} GB`, cure);
  return ok(withLimit(found, toDeploy, 'GB'));
}

export function judgeMemory({ mem_free_percent: free }: HostFacts, limits: Thresholds): Finding {
  if (free === undefined) return skipped('this system does not say');
  const found = `${String(free)} % free`;
  const limit = limits.min_mem_free_percent;
  if (limit === undefined || free >= limit) return ok(withLimit(found, limit, '%'));
  return warn(
    `${found}: nothing is deployed below ${String(limit)} %`,
    'see who has it (ps aux --sort -rss), and stop what you can',
  );
}

export function judgeLoad({ cpu_load_1m: load, cpu_count: cores }: HostFacts, limits: Thresholds): Finding {
  if (load === undefined || cores === undefined) return skipped('this system does not say');
  const perCore = Math.round((load / cores) * 100) / 100;
  const found = `${String(perCore)} per core (${load.toFixed(2)} on ${String(cores)})`;
  const limit = limits.max_cpu_load_per_core;
  if (limit === undefined || perCore <= limit)
    return ok(found + (limit === undefined ? '' : `, a deploy may have ${String(limit)}`));
  return warn(`${found}: nothing is deployed above ${String(limit)}`, 'wait, or see who has it (top)');
}

function withLimit(found: string, limit: number | undefined, unit: string): string {
  return limit === undefined ? found : `${found}, a deploy needs ${String(limit)} ${unit}`;
}

const CLOCK_TOLERANCE_MS = 5000;

/** How far the engine's clock is from ours is known up to the time that the question took. */
export function judgeClock({
  info,
  askedAt,
  answeredAt,
}: Pick<OpenEngine, 'info' | 'askedAt' | 'answeredAt'>): Finding {
  const { systemTime } = info;
  if (!Number.isFinite(systemTime)) return skipped('the engine does not say');
  const offMs = systemTime < askedAt ? systemTime - askedAt : Math.max(0, systemTime - answeredAt);
  if (Math.abs(offMs) <= CLOCK_TOLERANCE_MS) return ok("the engine's is this machine's");
  const seconds = String(Math.round(Math.abs(offMs) / 1000));
  return warn(
    `the engine's is ${seconds} s ${offMs < 0 ? 'behind' : 'ahead of'} this machine's: ages and time-outs are wrong by that`,
    'set both by NTP (timedatectl set-ntp true); a virtual machine that slept needs a restart of its clock',
  );
}

/** The kernel's own defaults, at least. */
const ENOUGH: InotifyLimits = { watches: 8192, instances: 128 };

/** `refusal`: what the system says to one more watch now. */
export function judgeInotify(limits: InotifyLimits | undefined, refusal: string | undefined): Finding {
  if (limits === undefined) return skipped('this system has none');
  const found = `${String(limits.watches)} watches, ${String(limits.instances)} instances for each user`;
  const isLow = limits.watches < ENOUGH.watches || limits.instances < ENOUGH.instances;
  if (refusal === undefined && !isLow) return ok(found);
  const cost = 'a change of the manifest may be seen late, by polling';
  return warn(
    refusal === undefined ? `${found}: ${cost}` : `${found}, and no more is to be had (${refusal}): ${cost}`,
    'sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024',
  );
}
