/** Which replica of a service does not stay up, how often it was started again, and how it ended. Pure. */
import type { ObservedContainer } from '../observed/world.js';
import { exitWords } from '../plan/slot-steps.js';
import type { ServicePlan } from '../plan/plan-service.js';

export interface UnstableReplica {
  /** Name of the container. */
  readonly target: string;
  readonly restarts: number;
  /** Absent while it is up: the engine tells it only between two lives. */
  readonly end?: string;
}

export interface Sight {
  /** Epoch milliseconds. */
  readonly now: number;
  /** How often we started a container again since it last stayed up, by name. */
  readonly retried?: ReadonlyMap<string, number>;
}

const MANY_RESTARTS = 3;
/** How long it has to stay up after so many restarts; twice as long after each further one. */
const FIRST_PROOF_MS = 10_000;
const LONGEST_PROOF_MS = 60_000;

/**
 * Absent when every replica of a proven version stays up; a version that is being rolled out has its deadline for that. Whoever was
 * restarted often is not taken for steady because it is up at this moment: else the stack is ready after each restart.
 */
export function unstableReplica(service: ServicePlan, sight: Sight): UnstableReplica | undefined {
  const unstable = provenContainers(service).find(
    (container) => hasManyRestarts(container, sight) && !isSteady(container, sight),
  );
  if (unstable === undefined) return undefined;
  const { name: target, state } = unstable;
  const known = { target, restarts: restartsOf(unstable, sight) };
  return state === 'running' ? known : { ...known, end: exitWords(unstable) };
}

/** When the next of those that are up has stayed up for long enough, if nothing happens; epoch milliseconds. */
export function steadyAt(services: readonly ServicePlan[], sight: Sight): number | undefined {
  const unproved = services
    .flatMap(provenContainers)
    .filter((container) => container.state === 'running' && hasManyRestarts(container, sight))
    .map((container) => provedAt(container, sight))
    .filter((at) => at > sight.now);
  return unproved.length === 0 ? undefined : Math.min(...unproved);
}

function provenContainers({ goals }: ServicePlan): readonly ObservedContainer[] {
  const slots = goals.filter(({ goal }) => goal.proven).flatMap((goal) => goal.slots);
  return slots.flatMap(({ container }) => container ?? []);
}

function restartsOf({ name, restartCount }: ObservedContainer, { retried }: Sight): number {
  return Math.max(restartCount, retried?.get(name) ?? 0);
}

function hasManyRestarts(container: ObservedContainer, sight: Sight): boolean {
  return restartsOf(container, sight) >= MANY_RESTARTS;
}

function isSteady(container: ObservedContainer, sight: Sight): boolean {
  return container.state === 'running' && provedAt(container, sight) <= sight.now;
}

function provedAt(container: ObservedContainer, sight: Sight): number {
  const proofMs = FIRST_PROOF_MS * 2 ** (restartsOf(container, sight) - MANY_RESTARTS);
  return (container.startedAt ?? sight.now) + Math.min(proofMs, LONGEST_PROOF_MS);
}
