/** Which replica of a service does not stay up, how often it was started again, and how it ended. Pure. */
import { exitWords } from '../plan/slot.js';
import type { ServicePlan } from '../plan/plan-service.js';

export interface UnstableReplica {
  /** Name of the container. */
  readonly target: string;
  readonly restarts: number;
  readonly end: string;
}

const MANY_RESTARTS = 3;
/** A pause this long has grown: it was started again and again. */
const GROWN_PAUSE_MS = 3000;

/** Absent when every replica of a proven version stays up; a version that is being rolled out has its deadline for that. */
export function unstableReplica({ goals }: ServicePlan, now: number): UnstableReplica | undefined {
  const slots = goals.filter(({ goal }) => goal.proven).flatMap((goal) => goal.slots);
  const unstable = slots.find(({ container, waitUntil }) => {
    if (container === undefined || container.state === 'running') return false;
    return container.restartCount >= MANY_RESTARTS || (waitUntil ?? now) - now > GROWN_PAUSE_MS;
  })?.container;
  if (unstable === undefined) return undefined;
  return { target: unstable.name, restarts: unstable.restartCount, end: exitWords(unstable) };
}
