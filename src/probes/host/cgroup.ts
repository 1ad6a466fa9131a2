/**
 * Where the limits of this process's control groups stand, version 1 and 2. A limit may be set on any ancestor, so every one is read.
 * Parsing is pure; reading treats a file that is not there as no limit.
 */
import { readFileSync } from 'node:fs';

export type CgroupController = 'cpu' | 'memory';

/** One control group: the folder that its files lie in, and whose file names to expect. */
export interface CgroupFolder {
  readonly version: 1 | 2;
  readonly path: string;
}

const MOUNT = '/sys/fs/cgroup';

/** Folders that limit this process, innermost first; none outside Linux. */
export function cgroupFolders(controller: CgroupController): CgroupFolder[] {
  const membership = readText('/proc/self/cgroup');
  return membership === undefined ? [] : parseCgroupFolders(membership, controller);
}

/** From the lines of /proc/self/cgroup, `ID:CONTROLLERS:PATH`; version 2 is the line without controllers. */
export function parseCgroupFolders(membership: string, controller: CgroupController): CgroupFolder[] {
  return membership.split('\n').flatMap((line) => {
    const [, controllers, ...path] = line.split(':');
    if (controllers === undefined) return [];
    if (controllers === '') return withAncestors(2, MOUNT, path.join(':'));
    if (!controllers.split(',').includes(controller)) return [];
    return [...new Set([controllers, controller])].flatMap((name) =>
      withAncestors(1, `${MOUNT}/${name}`, path.join(':')),
    );
  });
}

/** A kernel file's trimmed text, or undefined when it cannot be read. From memory: handing it to another thread costs many times as much. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Without a cgroup namespace a container sees the host's path, while its own group is mounted at the root: the root is always read. */
function withAncestors(version: 1 | 2, mount: string, path: string): CgroupFolder[] {
  const names = path.split('/').filter((name) => name !== '' && name !== '..');
  const depths = Array.from({ length: names.length + 1 }, (_, index) => names.length - index);
  return depths.map((depth) => ({ version, path: [mount, ...names.slice(0, depth)].join('/') }));
}
