/** Routes: no two services on one host and path, and somebody should be reachable. */
import type { ServiceNode } from './manifest-services.js';
import { mapAt, scalarAt, type MapNode, type ScalarNode } from './manifest-tree.js';
import type { ProblemLog } from './problem-log.js';

export function checkRoutes(_tree: MapNode, services: readonly ServiceNode[], problems: ProblemLog): void {
  const taken = new Map<string, string>();
  for (const { node } of services) {
    const route = mapAt(node, 'route');
    const path = scalarAt(route, 'path');
    if (route === undefined || typeof path?.value !== 'string') continue;
    checkReach(path, path.value, problems);
    const host = scalarAt(route, 'host')?.value;
    const address = `${typeof host === 'string' ? host.toLowerCase() : 'any host'} ${path.value}`;
    const first = taken.get(address);
    if (first === undefined) taken.set(address, route.path);
    else problems.error(path, `is taken: ${first} is the same (${address})`);
  }
  warnOfSilence(services, problems);
}

/** nginx compares what a request's path says, not how it is written: decoded, `//` as `/`, and without `.` and `..`. */
const NEVER_SEEN = /%[0-9A-Fa-f]{2}|\/\/|\/\.\.?(?:\/|$)/;

function checkReach(at: ScalarNode, path: string, problems: ProblemLog): void {
  const part = NEVER_SEEN.exec(path)?.[0];
  if (part !== undefined)
    problems.error(
      at,
      `can never match: nginx compares decoded paths without // . and .. (got ${path}, of which ${part} is never seen)`,
    );
  if (path.includes('*'))
    problems.warning(
      at,
      `has a * that stands for itself: a route is the start of the path anyway (got ${path})`,
    );
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
