/** What the proxy gives to containers of one track, whatever anybody wants of them. Pure. */
import type { ObservedContainer, World } from '../observed/world.js';
import { serverAddress, type RouteModel, type Track } from '../plan/proxy-model.js';

/** Percent, of the track that has one of them; versions on one track share it while one replaces the other. */
export function routedShare(
  route: RouteModel | undefined,
  containers: readonly Pick<ObservedContainer, 'id'>[],
): number {
  const own = new Set(containers.map(({ id }) => serverAddress(id)));
  const track = route?.tracks.find(({ servers }) => servers.some(({ address }) => own.has(address)));
  return track?.weight ?? 0;
}

/** A version as the labels of its containers have it. */
export interface VersionOf {
  readonly service: string;
  readonly track: Track;
  readonly specHash: string;
}

export function containersOf(
  { containers }: World,
  { service, track, specHash }: VersionOf,
): readonly ObservedContainer[] {
  return containers.filter(
    (one) => one.service === service && one.track === track && one.specHash === specHash,
  );
}
