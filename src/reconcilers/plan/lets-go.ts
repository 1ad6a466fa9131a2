/** What a change of a route takes away, where it gives nobody anything: the way back, which silence of the policies must not stop. Pure. */
import type { ObservedContainer } from '../observed/world.js';
import type { PlanInput } from './plan-input.js';
import { addressesOf, serverAddress, type RouteModel, type ServerModel } from './proxy-model.js';
import { same, sameRoute } from './same.js';

/** Only tracks that stood by with no traffic. */
export function movesNobody(next: RouteModel, served: RouteModel): boolean {
  const dropped = served.tracks.filter((track) => !next.tracks.some((kept) => same(kept, track)));
  return (
    dropped.length > 0 &&
    next.tracks.length + dropped.length === served.tracks.length &&
    dropped.every(({ weight }) => weight === 0)
  );
}

/** Only replicas that do not answer: whoever stays in a track had its requests before. */
export function dropsOnlyTheIll(
  { world }: Pick<PlanInput, 'world'>,
  next: RouteModel,
  served: RouteModel,
): boolean {
  const kept = addressesOf({ routes: [next] });
  const isKept = ({ address }: ServerModel) => kept.has(address);
  const left = served.tracks
    .map((track) => ({ ...track, servers: track.servers.filter(isKept) }))
    .filter(({ weight, servers }) => weight > 0 || servers.length > 0);
  const dropped = served.tracks.flatMap(({ servers }) => servers.filter((server) => !isKept(server)));
  return (
    dropped.length > 0 &&
    sameRoute(next, { ...served, tracks: left }) &&
    dropped.every(({ address }) => isIll(containerAt(world, address), world))
  );
}

function containerAt({ containers }: PlanInput['world'], address: string): ObservedContainer | undefined {
  return containers.find(({ id }) => serverAddress(id) === address);
}

export function isIll(container: ObservedContainer | undefined, { health }: PlanInput['world']): boolean {
  return container?.state !== 'running' || health.get(container.id)?.healthy === false;
}
