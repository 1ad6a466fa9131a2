/** Whether a change of the route of a version that serves already is the manifest's wish, or brings back what was lost. Pure. */
import type { ServiceSpec } from '../desired/stack-spec.js';
import type { ObservedContainer } from '../observed/world.js';
import { replicasOf } from './goals.js';
import { isIll } from './lets-go.js';
import type { PlanInput } from './plan-input.js';
import { addressesOf, serverAddress, type RouteModel } from './proxy-model.js';
import { same, samePlace } from './same.js';

/** Another place, another number of replicas, or another way to share out requests. What brings a lost replica back is none, whatever joins with it. */
export function isRouteEdit(
  input: PlanInput,
  spec: ServiceSpec,
  { from, to }: { readonly from: RouteModel; readonly to: RouteModel },
): boolean {
  const last = servedLast(input, spec);
  const isNew = isBeyond(last);
  const isSurplus = isBeyond(spec);
  const joining = onlyIn(input, to, from);
  const leaving = onlyIn(input, from, to).filter((container) => !isIll(container, input.world));
  return (
    !samePlace(to, last.route) ||
    same(to.tracks, from.tracks) ||
    leaving.some(isSurplus) ||
    (joining.length > 0 && joining.every(isNew))
  );
}

/** Beside a canary, the canary's spec says how many the stable version has. */
function servedLast({ memory }: PlanInput, spec: ServiceSpec): ServiceSpec {
  const { stable, canary } = memory.services[spec.name] ?? {};
  return canary ?? stable ?? spec;
}

function isBeyond(spec: ServiceSpec): (container: ObservedContainer) => boolean {
  return ({ replica = 0, track = 'stable' }) => replica > replicasOf({ spec, track });
}

function onlyIn({ world }: PlanInput, route: RouteModel, other: RouteModel): readonly ObservedContainer[] {
  const [here, there] = [addressesOf({ routes: [route] }), addressesOf({ routes: [other] })];
  return world.containers.filter(({ id }) => here.has(serverAddress(id)) && !there.has(serverAddress(id)));
}
