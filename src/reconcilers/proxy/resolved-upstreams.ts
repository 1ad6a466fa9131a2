/**
 * Whether nginx has resolved the servers of what it serves. It does so after a reload, by itself and asynchronously; until the answer
 * is there (a DNS packet that got lost is asked for again after seconds), an upstream of new servers alone answers 502.
 */
import type { ProxyModel, RouteModel, TrackModel } from '../plan/proxy-model.js';
import { chosenServer, type AdminAddress } from './admin-client.js';
import { upstreamName } from './proxy-words.js';
import { isSplit, withServers } from './split-route.js';

export interface Replicas {
  /** DNS names of all running replicas, routed or not. */
  readonly running: ReadonlySet<string>;
  /** By service; one without HTTP health is not asked. */
  readonly healthPaths: ReadonlyMap<string, string>;
}

/** An upstream of many servers has resolved when this many of them were seen: all names are asked for at once. */
const SEEN_ENOUGH = 8;

/** Asks each upstream, through the way that users' requests take, until its running servers were seen. */
export async function areResolved(
  admin: AdminAddress,
  model: ProxyModel,
  replicas: Replicas,
): Promise<boolean> {
  if (!model.resolvesUpstreams) return true;
  const routes = await Promise.all(model.routes.map((route) => isRouteResolved(admin, route, replicas)));
  return routes.every(Boolean);
}

async function isRouteResolved(admin: AdminAddress, route: RouteModel, replicas: Replicas): Promise<boolean> {
  const path = replicas.healthPaths.get(route.service);
  if (path === undefined) return true;
  const tracks = withServers(route).map((track) => ({
    upstream: upstreamName(route, track),
    path,
    expected: enoughOf(route, track, replicas.running),
  }));
  const seen = await Promise.all(tracks.map((track) => serversOf(admin, track)));
  return tracks.every(({ expected }, index) => ownServers(seen, index) >= expected);
}

/** Where stable stands behind the canary, all of it has to be known by sight: the canary's own servers are the others. */
function enoughOf(route: RouteModel, { track, servers }: TrackModel, running: ReadonlySet<string>): number {
  const expected = servers.filter(({ address }) => running.has(address)).length;
  return isSplit(route) && track === 'stable' ? expected : Math.min(expected, SEEN_ENOUGH);
}

/** Those of a track that no track before it has; stable comes first. */
function ownServers(seen: readonly ReadonlySet<string>[], index: number): number {
  const others = seen.slice(0, index);
  return [...(seen[index] ?? [])].filter((server) => !others.some((track) => track.has(server))).length;
}

interface Question {
  readonly upstream: string;
  readonly path: string;
  readonly expected: number;
}

/** The servers that an upstream chose when asked often enough for each to have its turn; none while it has none to choose. */
async function serversOf(
  admin: AdminAddress,
  { upstream, path, expected }: Question,
): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  for (let asked = 0; asked < 2 * expected && seen.size < expected; asked += 1) {
    const server = await chosenServer(admin, upstream, path);
    if (server === undefined) return new Set();
    seen.add(server);
  }
  return seen;
}
