/** A service without a port listens on nothing: it cannot be asked for health, routed to or measured. */
import type { ServiceNode } from './manifest-services.js';
import type { MapNode } from './manifest-tree.js';
import type { ProblemLog } from './problem-log.js';

const NEED_PORT = ['health', 'route', 'metrics', 'canary'] as const;

export function checkWorkers(_tree: MapNode, services: readonly ServiceNode[], problems: ProblemLog): void {
  for (const { node } of services) {
    if (node.entries.has('port')) continue;
    for (const key of NEED_PORT) {
      const entry = node.entries.get(key);
      const isOff = entry?.node.kind === 'scalar' && entry.node.value === false;
      if (entry !== undefined && !isOff)
        problems.error(entry.key, 'needs a port, which this service does not have');
    }
  }
}
