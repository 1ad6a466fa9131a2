/** Times of one service that must fit into each other. */
import { parseDuration } from './duration.js';
import { DEFAULT_DEADLINE } from './manifest-schema.js';
import type { ServiceNode } from './manifest-services.js';
import { mapAt, scalarAt, type MapNode, type ScalarNode } from './manifest-tree.js';
import type { ProblemLog } from './problem-log.js';

export function checkTimes(_tree: MapNode, services: readonly ServiceNode[], problems: ProblemLog): void {
  for (const { node } of services) {
    const health = mapAt(node, 'health');
    const timeout = scalarAt(health, 'timeout');
    const deadline = scalarAt(health, 'deadline');
    const longest = deadline === undefined ? parseDuration(DEFAULT_DEADLINE) : millisecondsOf(deadline);
    const asked = timeout && millisecondsOf(timeout);
    if (timeout === undefined || asked === undefined || longest === undefined || asked <= longest) continue;
    const limit = deadline?.text ?? `${DEFAULT_DEADLINE} by default`;
    problems.error(timeout, `must be <= health.deadline, ${limit} (got ${timeout.text})`);
  }
}

function millisecondsOf({ value }: ScalarNode): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseDuration(value) : undefined;
}
