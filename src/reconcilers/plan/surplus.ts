/**
 * Containers of ours that no goal wants. They go when no live worker of the proxy knows them any more;
 * the ones of a failed version are only stopped, for their logs.
 */
import type { ServiceMemory } from './memory.js';
import type { ObservedContainer } from '../observed/world.js';
import type { PlanInput } from './plan-input.js';
import { LABEL } from './container-template.js';
import { isSetAside, serviceContainerName, setAsideName } from './names.js';
import { needsStop } from './needs-stop.js';
import { addressesOf, serverAddress } from './proxy-model.js';
import type { ServiceSpec } from '../desired/stack-spec.js';
import { hashOf, replicasOf, type Goal } from './goals.js';
import { gateService, type GoalPlan } from './service-slots.js';
import { stopGrace } from './stop-grace.js';
import type { Chain, DriftKind, Question, Step, StepGate } from './steps.js';

export interface SurplusPlan {
  readonly chains: readonly Chain[];
  /** Some of them still serve or drain. */
  readonly draining: boolean;
}

interface Reason {
  readonly cause: string;
  readonly question: Question;
  readonly direction: 'forward' | 'back';
  readonly drift?: DriftKind;
  /** What it was made of; absent where nobody remembers. */
  readonly spec?: ServiceSpec | undefined;
}

interface Leaving extends Reason {
  readonly grace: ReturnType<typeof stopGrace>;
}

export interface SurplusOf {
  /** As the label has it. */
  readonly service: string;
  /** Empty for a service that the manifest does not have. */
  readonly goals: readonly GoalPlan[];
  readonly memory: ServiceMemory;
}

export function planSurplus(input: PlanInput, { service, goals, memory }: SurplusOf): SurplusPlan {
  const chosen = new Set(goals.flatMap(({ slots }) => slots.map(({ container }) => container?.id)));
  const surplus = input.world.containers.filter(
    (container) =>
      container.role === 'service' && (container.service ?? '') === service && !chosen.has(container.id),
  );
  const leaving = surplus.filter(
    (container) => !isInUse(input, container) && !isOnlyWayBack(container, goals, memory),
  );
  return {
    chains: leaving
      .map((container) => {
        const spec = specOf(container, goals, memory);
        const grace = stopGrace(spec ?? goals[0]?.goal.spec);
        return leave(container, { ...reasonOf(container, goals, memory), spec, grace }, memory);
      })
      .filter((chain) => chain.length > 0),
    draining: surplus.some((container) => isInUse(input, container)),
  };
}

/** Our notes are gone and a canary serves: the stable version that still stands is all that is left of it. */
function isOnlyWayBack(
  container: ObservedContainer,
  goals: readonly GoalPlan[],
  memory: ServiceMemory,
): boolean {
  const isCanary = goals[0]?.goal.track === 'canary';
  return isCanary && memory.stable === undefined && container.track === 'stable';
}

function isInUse(input: PlanInput, container: ObservedContainer): boolean {
  if (container.state !== 'running') return false;
  const { model, knownToWorkers } = input.world.proxy;
  const address = serverAddress(container.id);
  return knownToWorkers.has(address) || (model !== undefined && addressesOf(model).has(address));
}

function reasonOf(container: ObservedContainer, goals: readonly GoalPlan[], memory: ServiceMemory): Reason {
  const successor = goals[0]?.goal;
  const { failed } = memory;
  if (isStranger(container, goals, memory))
    return {
      cause: `${container.name} has this stack's labels, and nothing of ours is made like that`,
      question: 'remove',
      direction: 'forward',
      drift: 'duplicate',
    };
  if (failed !== undefined && container.specHash === failed.specHash)
    return { cause: `${failed.service} ${failed.version} failed`, question: 'rollback', direction: 'back' };
  if (successor === undefined)
    return {
      cause: `${container.service ?? 'its service'} is not in the manifest any more`,
      question: 'remove',
      direction: 'forward',
    };
  if (isTakenBack(container, successor)) {
    return { cause: 'the canary was taken back', question: 'rollback', direction: 'back' };
  }
  const twin = goals.some(
    ({ goal }) => goal.specHash === container.specHash && goal.track === container.track,
  );
  if (!twin)
    return {
      cause: `superseded by ${successor.track} ${successor.spec.container.version}`,
      question: 'remove',
      direction: 'forward',
    };
  const replicas = replicasOf(successor);
  return (container.replica ?? 0) > replicas
    ? { cause: `${countText(replicas)} wanted`, question: 'remove', direction: 'forward' }
    : isSetAside(container)
      ? { cause: 'its replacement serves', question: 'remove', direction: 'forward' }
      : {
          cause: `${container.name} is a second container for one place`,
          question: 'remove',
          direction: 'forward',
          drift: 'duplicate',
        };
}

/**
 * Nobody's goal, nor remembered as one, and not called as what we make of its labels: that tells it from a version that was edited
 * away before it served, also when the notes are lost.
 */
function isStranger(
  container: ObservedContainer,
  goals: readonly GoalPlan[],
  { stable, canary, failed }: ServiceMemory,
): boolean {
  const { service, track, specHash, replica, version, config, name } = container;
  const isWhole = [service, track, specHash, replica, version].every((label) => label !== undefined);
  if (!isWhole || service === undefined || track === undefined || specHash === undefined) return true;
  const known = [...goals.map(({ goal }) => goal.specHash), hashOf(stable), hashOf(canary), failed?.specHash];
  if (goals.length === 0 || known.includes(specHash)) return false;
  const stack = config.labels[LABEL.stack] ?? '';
  const ours = serviceContainerName(stack, { service, track, specHash, replica: replica ?? 0 });
  return name !== ours && name !== setAsideName(ours, container.id);
}

function countText(replicas: number): string {
  return replicas === 1 ? '1 replica is' : `${String(replicas)} replicas are`;
}

/** The stable version serves again, or still: its canary is not what was promoted. */
function isTakenBack(
  { track, specHash }: ObservedContainer,
  { track: serving, proven, ...goal }: Goal,
): boolean {
  return track === 'canary' && serving === 'stable' && proven && specHash !== goal.specHash;
}

function leave(container: ObservedContainer, reason: Leaving, memory: ServiceMemory): Chain {
  const keep = memory.failed !== undefined && container.specHash === memory.failed.specHash;
  const stop = needsStop(container)
    ? [step(container, reason, { kind: 'stopContainer', id: container.id, ...reason.grace })]
    : [];
  const remove = keep ? [] : [step(container, reason, { kind: 'removeContainer', id: container.id })];
  return [...stop, ...remove];
}

type Bare =
  | Omit<Extract<Step, { kind: 'stopContainer' }>, 'target' | 'cause'>
  | Omit<Extract<Step, { kind: 'removeContainer' }>, 'target' | 'cause'>;

function step(container: ObservedContainer, reason: Reason, bare: Bare): Step {
  const gate: StepGate = {
    question: reason.question,
    direction: reason.direction,
    ...leaverFacts(container, reason.spec),
  };
  return {
    ...bare,
    target: container.name,
    cause: reason.cause,
    gate,
    ...(reason.drift ? { drift: reason.drift } : {}),
  };
}

/** What the gate is told of a container that goes. */
export function leaverFacts(
  { name, service, track, version, config: { image } }: ObservedContainer,
  spec?: ServiceSpec,
): Pick<StepGate, 'service' | 'part'> {
  if (service === undefined || track === undefined) return { part: { kind: 'container', name, image } };
  if (spec !== undefined) return { service: gateService(spec, track) };
  return { service: { name: service, track, version: version ?? '', image } };
}

/** What a container was made of, where somebody remembers. */
export function specOf(
  { specHash }: ObservedContainer,
  goals: readonly GoalPlan[],
  { stable, canary }: ServiceMemory,
): ServiceSpec | undefined {
  const wanted = goals.find(({ goal }) => goal.specHash === specHash)?.goal.spec;
  return wanted ?? [stable, canary].find((spec) => hashOf(spec) === specHash);
}
