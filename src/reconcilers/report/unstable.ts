/** Replicas that do not stay up, in words: how often, and how they ended. */
import { exitWords } from '../plan/slot.js';
import type { ServicePlan } from '../plan/plan-service.js';

const MANY_RESTARTS = 3;
/** A pause this long has grown: it was started again and again. */
const GROWN_PAUSE_MS = 3000;

/** Absent when every replica of a proven version stays up; a version that is being rolled out has its deadline for that. */
export function unstableWords(services: readonly ServicePlan[], now: number): string | undefined {
  const proven = services.flatMap(({ goals }) => goals.filter(({ goal }) => goal.proven));
  const slots = proven.flatMap((goal) => goal.slots);
  const unstable = slots.find(({ container, waitUntil }) => {
    if (container === undefined || container.state === 'running') return false;
    return container.restartCount >= MANY_RESTARTS || (waitUntil ?? now) - now > GROWN_PAUSE_MS;
  });
  if (unstable?.container === undefined) return undefined;
  const { name, restartCount } = unstable.container;
  const restarts = restartCount > 0 ? ` after ${String(restartCount)} restarts` : '';
  return `${name} does not stay up${restarts}: ${exitWords(unstable.container)}; it is started again with growing pauses`;
}
