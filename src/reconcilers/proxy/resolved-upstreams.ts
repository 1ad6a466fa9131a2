/**
 * Whether nginx has resolved the servers of what it serves. It does so after a reload, by itself and asynchronously; until the answer
 * is there (a DNS packet that got lost is asked for again after seconds), an upstream of new servers alone answers 502.
 */
import type { ProxyModel, RouteModel, TrackModel } from '../plan/proxy-model.js';
import { chosenServer, type AdminAddress } from './admin-client.js';
import { upstreamName } from './render.js';

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
  const upstreams = model.routes.flatMap((route) => route.tracks.map((track) => ({ route, track })));
  const seen = await Promise.all(upstreams.map((upstream) => isResolved(admin, upstream, replicas)));
  return seen.every(Boolean);
}

async function isResolved(
  admin: AdminAddress,
  { route, track }: { readonly route: RouteModel; readonly track: TrackModel },
  { running, healthPaths }: Replicas,
): Promise<boolean> {
  const path = healthPaths.get(route.service);
  const expected = track.servers.filter(({ address }) => running.has(address)).length;
  if (path === undefined || expected === 0) return true;
  const seen = new Set<string>();
  const enough = Math.min(expected, SEEN_ENOUGH);
  for (let asked = 0; asked < 2 * enough && seen.size < enough; asked += 1) {
    const server = await chosenServer(admin, upstreamName(route, track), path);
    if (server === undefined) return false;
    seen.add(server);
  }
  return seen.size >= enough;
}
