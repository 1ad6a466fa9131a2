/**
 * Who answers at which host and path now. The manifest says who is wanted where; a service goes there when its version for that place
 * can serve, and nobody leaves a place before who takes it over can: until then whoever is there answers. Pure.
 */
import { placeKey, type Place } from './proxy-model.js';
import { samePlace } from './same.js';

export interface Claim {
  readonly service: string;
  /** Where it answers; absent for nowhere. */
  readonly served: Place | undefined;
  /** Where the manifest has it; absent for nowhere, as when it leaves. */
  readonly wanted: Place | undefined;
  /** What the manifest wants of it can serve. */
  readonly isReady: boolean;
}

/** By service; absent for who has no place now. */
export function settlePlaces(claims: readonly Claim[]): ReadonlyMap<string, Place> {
  const movers = moversOf(claims);
  const places = new Map<string, Place>();
  const taken = new Set<string>();
  const take = (service: string, place: Place | undefined) => {
    if (place === undefined || places.has(service) || taken.has(placeKey(place))) return;
    places.set(service, place);
    taken.add(placeKey(place));
  };
  const waiting = claims.filter((claim) => !movers.includes(claim));
  for (const { service, wanted } of movers) take(service, wanted);
  for (const { service, served } of waiting) take(service, served);
  for (const { service, wanted } of waiting) take(service, wanted);
  return places;
}

/** Who stays for a successor is in the way of nobody but those who wait for its new place, and they stay too. */
function moversOf(claims: readonly Claim[]): readonly Claim[] {
  let movers = claims.filter(({ isReady }) => isReady);
  for (;;) {
    const going = movers.filter((claim) => !isMissed(claim, claims, movers));
    if (going.length === movers.length) return movers;
    movers = going;
  }
}

/** Somebody is wanted where it answers, and cannot come yet. */
function isMissed(claim: Claim, claims: readonly Claim[], movers: readonly Claim[]): boolean {
  const { served } = claim;
  if (served === undefined || samePlace(served, claim.wanted)) return false;
  const successor = claims.find(({ wanted }) => samePlace(served, wanted));
  return successor !== undefined && !movers.includes(successor);
}
