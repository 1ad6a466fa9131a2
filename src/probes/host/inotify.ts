/** The kernel's limits on watching files, and whether one more watch can be had now; Linux only. */
import { watch } from 'node:fs';
import { readText } from './cgroup.js';

export interface InotifyLimits {
  /** Per user. */
  readonly watches: number;
  /** Per user; one for each program that watches. */
  readonly instances: number;
}

/** Undefined where the kernel has no inotify. */
export function inotifyLimits(): InotifyLimits | undefined {
  const read = (name: string) => readText(`/proc/sys/fs/inotify/${name}`);
  const [watches, instances] = [read('max_user_watches'), read('max_user_instances')];
  if (watches === undefined || instances === undefined) return undefined;
  return { watches: Number(watches), instances: Number(instances) };
}

/** The error's code when `folder` cannot be watched: EMFILE for too few instances, ENOSPC for too few watches. */
export function watchRefusal(folder: string): string | undefined {
  try {
    watch(folder).close();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
