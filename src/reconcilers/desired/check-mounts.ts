/** Mounts of one service: two on one path hide each other. */
import type { ServiceNode } from './manifest-services.js';
import { itemsAt, scalarAt, type ManifestNode, type MapNode } from './manifest-tree.js';
import { parseMount } from './parse-mount.js';
import type { ProblemLog } from './problem-log.js';

/** Where `log_volume` is mounted. */
export const LOG_PATH = '/var/log/app';

interface Target {
  readonly target: string;
  readonly node: ManifestNode;
}

export function checkMounts(_tree: MapNode, services: readonly ServiceNode[], problems: ProblemLog): void {
  for (const { node } of services) {
    const taken = new Map<string, string>();
    for (const mount of targetsOf(node)) {
      const first = taken.get(mount.target);
      if (first === undefined) taken.set(mount.target, mount.node.path);
      else problems.error(mount.node, `mounts ${mount.target}, which ${first} mounts too`);
    }
  }
}

function targetsOf(service: MapNode): Target[] {
  const log = scalarAt(service, 'log_volume');
  return [
    ...(log === undefined ? [] : [{ target: LOG_PATH, node: log }]),
    ...itemsAt(service, 'volumes').flatMap((node) => target(node, mountTarget)),
    ...itemsAt(service, 'tmpfs').flatMap((node) => target(node, tmpfsTarget)),
  ];
}

function target(node: ManifestNode, read: (text: string) => string | undefined): Target[] {
  const path = node.kind === 'scalar' && typeof node.value === 'string' ? read(node.value) : undefined;
  return path === undefined ? [] : [{ target: path, node }];
}

function mountTarget(text: string): string | undefined {
  const result = parseMount(text);
  return 'mount' in result ? result.mount.target : undefined;
}

function tmpfsTarget(text: string): string | undefined {
  return text.split(':')[0]?.replace(/\/+$/, '');
}
