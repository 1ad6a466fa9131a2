/** What nobody wants any more and is still there: containers that run, or whose end was denied, as tracks of which none is wanted. Pure. */
import type { StepResult } from '../apply/apply.js';
import type { ObservedContainer, World } from '../observed/world.js';
import type { ServicePlan } from '../plan/plan-service.js';
import { servedRoute } from '../plan/route.js';
import { routedShare } from './routed-share.js';

type Kept = ObservedContainer & Required<Pick<ObservedContainer, 'track' | 'specHash'>>;

/** Without those of a version that is on its track anyway. */
export function keptTracks({ spec, goals }: ServicePlan, world: World, results: readonly StepResult[]) {
  const denied = new Set(results.filter(({ kind }) => kind === 'denied').map(({ step }) => step.target));
  const isShown = ({ track, specHash }: Kept) =>
    goals.some(({ goal }) => goal.track === track && goal.specHash === specHash);
  const kept = world.containers
    .filter((one) => one.service === spec.name && (one.state === 'running' || denied.has(one.name)))
    .filter(isNamed)
    .filter((one) => !isShown(one));
  const isLike = (left: Kept) => (right: Kept) =>
    left.track === right.track && left.specHash === right.specHash;
  const firsts = kept.filter((one, index) => kept.findIndex(isLike(one)) === index);
  return firsts.map((first) => {
    const all = kept.filter(isLike(first));
    const ready = all.filter(({ state }) => state === 'running').length;
    const { track, version = 'unknown', specHash } = first;
    const weight = routedShare(servedRoute({ world }, spec.name), all);
    return { track, version, specHash, weight, replicas: { desired: 0, ready } };
  });
}

function isNamed(container: ObservedContainer): container is Kept {
  return container.track !== undefined && container.specHash !== undefined;
}
