/** The servers of each track, as an upstream that follows their addresses; the canary's has stable's servers behind it. */
import type { ProxyModel, RouteModel, ServerModel, TrackModel } from '../plan/proxy-model.js';
import { indent, table } from './lines.js';
import { upstreamName } from './proxy-words.js';
import { isSplit, withServers } from './split-route.js';

/** One failure takes a canary's server out; a second later one user finds out whether it is back, and the judge whether it is not. */
const CANARY_FAILURE = 'max_fails=1 fail_timeout=1s';
/** Who may be asked is for health checks to say: one request that fails wherever it is tried would take out every server that there is. */
const NEVER_OUT = 'max_fails=0';

/** Shared memory of an upstream: a server takes less than 1 KiB as it is written, and as much again for each address it has. */
const SMALLEST_ZONE_KIB = 256;
const ZONE_KIB_PER_SERVER = 4;

export function upstreams(model: ProxyModel): string[] {
  return model.routes.flatMap((route) =>
    withServers(route).flatMap((track) =>
      model.resolvesUpstreams ? upstream(route, track) : serverTable(route, track),
    ),
  );
}

/** Those that nginx resolves by itself; an older one resolves at each request and has none. */
export function upstreamNames(model: ProxyModel): string[] {
  if (!model.resolvesUpstreams) return [];
  return model.routes.flatMap((route) => withServers(route).map((track) => upstreamName(route, track)));
}

function upstream(route: RouteModel, track: TrackModel): string[] {
  const name = upstreamName(route, track);
  const guarded = isSplit(route) && track.track === 'canary';
  const servers = [
    ...track.servers.map((server) => serverLine(server, guarded ? CANARY_FAILURE : NEVER_OUT)),
    ...(guarded ? standIns(route) : []),
  ];
  const zoneKib = Math.max(SMALLEST_ZONE_KIB, ZONE_KIB_PER_SERVER * servers.length);
  return table(`upstream ${name}`, [`zone ${name} ${String(zoneKib)}k`, ...servers]);
}

/** Stable's servers, for users of a canary that does not answer. */
function standIns(route: RouteModel): string[] {
  const servers = route.tracks.find(({ track }) => track === 'stable')?.servers ?? [];
  return servers.map((server) => serverLine(server, `backup ${NEVER_OUT}`));
}

function serverLine({ address, port }: ServerModel, parameters: string): string {
  return `server ${address}:${String(port)} resolve ${parameters}`;
}

/** An nginx that cannot resolve inside an upstream gets a variable, which it resolves at each request. */
function serverTable(route: RouteModel, track: TrackModel): string[] {
  // Rounded down: nginx takes two decimals, and no more than 100 % in all.
  const share = Math.floor(10_000 / track.servers.length) / 100;
  const lines = track.servers.map(({ address, port }, index) => {
    const part = index === track.servers.length - 1 ? '*' : `${share.toFixed(2)}%`;
    return `${part} ${address}:${String(port)};`;
  });
  return [`split_clients $request_id $${upstreamName(route, track)} {`, ...indent(lines), '}'];
}
