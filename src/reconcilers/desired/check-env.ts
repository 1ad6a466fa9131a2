/** Compose fills in `${NAME}` from its own environment. Here a value is what it says, and an application that waits for a name would get the braces. */
import type { ServiceNode } from './manifest-services.js';
import { mapAt, type MapNode } from './manifest-tree.js';
import type { ProblemLog } from './problem-log.js';

const FILLED_IN_BY_COMPOSE = /(?<!\$)\$\{[A-Za-z_]\w*(?::?[-?+][^}]*)?\}/;

/** Warns; the value is not shown. */
export function checkEnv(_tree: MapNode, services: readonly ServiceNode[], problems: ProblemLog): void {
  for (const { node } of services) {
    for (const { key, node: value } of mapAt(node, 'env')?.entries.values() ?? [])
      if (value.kind === 'scalar' && FILLED_IN_BY_COMPOSE.test(value.text))
        problems.warning(key, 'has ${…} in it, which is taken as it stands: nothing is filled in');
  }
}
