/** Ports that the stack publishes on the host: nginx's and the policy engine's must differ. */
import { DEFAULT_POLICY_PORT } from './manifest-schema.js';
import type { ServiceNode } from './manifest-services.js';
import { mapAt, scalarAt, type MapNode } from './manifest-tree.js';
import type { ProblemLog } from './problem-log.js';

export function checkPorts(tree: MapNode, _services: readonly ServiceNode[], problems: ProblemLog): void {
  const proxy = scalarAt(mapAt(tree, 'nginx'), 'port');
  const policy = scalarAt(mapAt(tree, 'opa'), 'port');
  if (proxy === undefined || proxy.value !== (policy?.value ?? DEFAULT_POLICY_PORT)) return;
  const other = policy === undefined ? `opa.port, which is ${DEFAULT_POLICY_PORT} by default` : policy.path;
  problems.error(proxy, `must differ from ${other}: both are published on the host (got ${proxy.text})`);
}
