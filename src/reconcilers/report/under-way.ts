/** What of a stack still goes on by itself, whatever waits for a person meanwhile. Pure. */
import type { StepResult } from '../apply/apply.js';
import { ForeignClaim } from '../docker/engine-errors.js';
import type { Finding } from '../plan/plan-input.js';
import type { ServicePlan } from '../plan/plan-service.js';
import { scopeOf } from '../plan/suspended.js';
import type { TickResult } from './tick-result.js';
import { unstableReplica } from './unstable.js';

type Facts = Pick<TickResult, 'stack' | 'plan' | 'world' | 'results' | 'findings' | 'now' | 'retried'>;

export function isAnythingUnderWay(facts: Facts): boolean {
  const { isFree } = lookAround(facts);
  const isLeaving = facts.plan?.leaving.some(isFree) === true;
  return (
    facts.plan?.isAskedAnew === true ||
    isLeaving ||
    servicesUnderWay(facts).length > 0 ||
    isAnybodyUnheard(facts)
  );
}

/** Of a replica that runs and was not asked yet, nobody can say how it is. */
function isAnybodyUnheard({ plan, world }: Facts): boolean {
  if (world?.proxy.confirmed !== true) return false;
  const asked = (plan?.services ?? []).flatMap(({ goals }) =>
    goals.filter(({ goal }) => goal.spec.health !== undefined),
  );
  const running = asked.flatMap(({ slots }) => slots.filter((slot) => slot.running));
  return running.some(({ container }) => container !== undefined && !world.health.has(container.id));
}

/** Services on which something is waited for, or done, that needs no person. */
export function servicesUnderWay(facts: Facts): readonly ServicePlan[] {
  const { isFree } = lookAround(facts);
  return (facts.plan?.services ?? []).filter(
    (service) => isFree(service.spec.name) && isBusy(service) && canEnd(service, facts),
  );
}

/** What failed, and who waits for another's place, is as far as it gets by itself, once what it left behind is gone. */
function isBusy({ converged, chains, memory, waitsForPlace }: ServicePlan): boolean {
  return chains.length > 0 || (!converged && memory.failed === undefined && waitsForPlace === undefined);
}

/** What cannot get its image, or will not stay up, is as far as it gets. */
function canEnd(service: ServicePlan, facts: Facts): boolean {
  const missing = facts.findings.filter(({ kind }) => kind === 'image').map(({ target }) => target);
  const canStart = service.goals.every(({ goal }) => !missing.includes(goal.spec.container.image));
  return canStart && unstableReplica(service, facts) === undefined;
}

/** `isFree`: neither the service nor what it stands on waits for a person. */
function lookAround(facts: Facts): { readonly isFree: (service: string) => boolean } {
  if (isGroundStuck(facts)) return { isFree: () => false };
  const stuck = new Set(facts.results.filter(needsSomebody).map(serviceOf));
  const suspended = scopeOf(facts.plan?.suspension?.suspends ?? [], false);
  return { isFree: (service) => !stuck.has(service) && !suspended.holds(service) };
}

/** Nothing but a person, or a change of what was refused, lets this step go on. */
export function needsSomebody(result: StepResult): boolean {
  return result.kind === 'denied' || (result.kind === 'failed' && result.error instanceof ForeignClaim);
}

/** A service's own image is in nobody else's way. */
function isGroundStuck({ stack, results, findings }: Facts): boolean {
  const images = [stack?.proxy.image, stack?.policyEngine.image];
  const isOfAll = ({ kind, target }: Finding) =>
    kind === 'foreign' || kind === 'driver' || (kind === 'image' && images.includes(target));
  return findings.some(isOfAll) || results.some((one) => needsSomebody(one) && serviceOf(one) === undefined);
}

function serviceOf({ step }: StepResult): string | undefined {
  return step.gate?.service?.name;
}
