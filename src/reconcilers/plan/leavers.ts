/** Services that the manifest has no more and that are remembered: they may have to answer until who takes their place can. Pure. */
import type { ServiceSpec, StackSpec } from '../desired/stack-spec.js';
import type { StackMemory } from './memory.js';

/** As they served last. */
export function leaversOf(stack: StackSpec, { services }: StackMemory): readonly ServiceSpec[] {
  const wanted = new Set(stack.services.map(({ name }) => name));
  return Object.entries(services).flatMap(([name, { stable, canary }]) => {
    const spec = stable ?? canary;
    return wanted.has(name) || spec === undefined ? [] : [spec];
  });
}

/** The stack and all who may have to answer beside it: whom to look at. */
export function withRemembered(stack: StackSpec, memory: StackMemory): StackSpec {
  return withLeavers(stack, leaversOf(stack, memory));
}

/** The stack and them, in the order of names. */
export function withLeavers(stack: StackSpec, leavers: readonly ServiceSpec[]): StackSpec {
  if (leavers.length === 0) return stack;
  const services = [...stack.services, ...leavers].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { ...stack, services };
}
