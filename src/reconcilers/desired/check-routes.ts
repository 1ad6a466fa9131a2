/** Routes: no two services on one host and path, and somebody should be reachable. */
import type { ServiceNode } from './manifest-services.js';
import { mapAt, scalarAt, type MapNode } from './manifest-tree.js';
import type { ProblemLog } from './problem-log.js';

export function checkRoutes(_tree: MapNode, services: readonly ServiceNode[], problems: ProblemLog): void {
  const taken = new Map<string, string>();
  for (const { node } of services) {
    const route = mapAt(node, 'route');
    const path = scalarAt(route, 'path');
    if (route === undefined || typeof path?.value !== 'string') continue;
    const host = scalarAt(route, 'host')?.value;
    const address = `${typeof host === 'string' ? host.toLowerCase() : 'any host'} ${path.value}`;
    const first = taken.get(address);
    if (first === undefined) taken.set(address, route.path);
    else problems.error(path, `is taken: ${first} is the same (${address})`);
  }
  warnOfSilence(services, problems);
}

function warnOfSilence(services: readonly ServiceNode[], problems: ProblemLog): void {
  const [first] = services;
  if (first === undefined || services.length === 1 || services.some(({ node }) => node.entries.has('route')))
    return;
  problems.warning(
    { offset: first.namePlace.offset, path: 'services' },
    'has no route: nothing is reachable through nginx',
  );
}
