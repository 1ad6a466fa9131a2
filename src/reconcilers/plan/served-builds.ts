/** Which build each version that is remembered served with: noted once all of its replicas are made of it and ready. Pure. */
import { hashOf } from './goals.js';
import type { ServiceMemory } from './memory.js';
import { fullyReady, type GoalPlan } from './service-slots.js';

export function withBuilds(
  after: ServiceMemory,
  { builds: known = {} }: ServiceMemory,
  goals: readonly GoalPlan[],
): ServiceMemory {
  const hashes = [after.stable, after.canary].map(hashOf);
  const served = goals
    .filter(fullyReady)
    .flatMap(({ goal, build }) => (build === undefined ? [] : [[goal.specHash, build.image.id] as const]));
  const builds = [...Object.entries(known), ...served].filter(([hash]) => hashes.includes(hash));
  return builds.length === 0 ? after : { ...after, builds: Object.fromEntries(builds) };
}
