/** What the proxy is told to do, as data: planned here, rendered and activated by `reconcilers/proxy`. */

export type Track = 'stable' | 'canary';

export interface ProxyModel {
  readonly stack: string;
  readonly contact: string;
  readonly timeoutSeconds: number;
  /** Longest time that an old worker may take to finish its requests. */
  readonly drainSeconds: number;
  /** nginx knows `keepalive_min_timeout` (>= 1.27.4). */
  readonly keepaliveMinTimeout: boolean;
  /** nginx knows `server … resolve` (>= 1.27.3 without a subscription). */
  readonly resolvesUpstreams: boolean;
  /** Sorted by service. */
  readonly routes: readonly RouteModel[];
}

/** Where users ask: any host, where none is named. */
export interface Place {
  readonly host?: string;
  readonly path: string;
}

export interface RouteModel extends Place {
  readonly service: string;
  /** Stable first; weights are percent and sum to 100 when anything serves. */
  readonly tracks: readonly TrackModel[];
  /** How requests are shared out; present while there is a canary. */
  readonly split?: SplitModel;
}

export interface SplitModel {
  /** What keeps a user on one track. */
  readonly sticky: 'cookie' | 'ip' | 'off';
  /** Request header with which a tester chooses the track. */
  readonly header?: string;
  /** Every attempt is written down for the judge. */
  readonly judged: boolean;
}

export interface TrackModel {
  readonly track: Track;
  readonly weight: number;
  /** Sorted by address. */
  readonly servers: readonly ServerModel[];
}

export interface ServerModel {
  /** A DNS name on the stack's network: the container's short id, which survives renames and new addresses. */
  readonly address: string;
  readonly port: number;
}

export function routeOf(
  service: string,
  { host, path }: Place,
  { tracks, split }: Pick<RouteModel, 'tracks' | 'split'> = { tracks: [] },
): RouteModel {
  const at = { ...(host === undefined ? {} : { host }), path };
  return { service, ...at, tracks, ...(split === undefined ? {} : { split }) };
}

/** The DNS name under which the Engine resolves a container on the stack's network. */
export function serverAddress(containerId: string): string {
  return containerId.slice(0, 12);
}

/** Percent. */
export function canaryShare({ tracks }: Pick<RouteModel, 'tracks'>): number {
  return tracks.find(({ track }) => track === 'canary')?.weight ?? 0;
}

/** Every replica that a configuration names. */
export function addressesOf(model: Pick<ProxyModel, 'routes'>): ReadonlySet<string> {
  return new Set(
    model.routes.flatMap(({ tracks }) =>
      tracks.flatMap(({ servers }) => servers.map(({ address }) => address)),
    ),
  );
}

/** Whether somebody answers at a host and path where nobody did. */
export function opensPlace(before: ProxyModel, after: ProxyModel): boolean {
  const open = new Set(before.routes.filter(isAnswered).map(placeKey));
  return after.routes.some((route) => isAnswered(route) && !open.has(placeKey(route)));
}

/** Some server takes its requests. */
export function isAnswered({ tracks }: RouteModel): boolean {
  return tracks.some(({ weight, servers }) => weight > 0 && servers.length > 0);
}

/** One text for each host and path. */
export function placeKey({ host = '', path }: Place): string {
  return `${host} ${path}`;
}
