/** The first look of a plan: as often as it takes to know how everybody who runs is, which a controller knows already. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { World } from '../../reconcilers/observed/world.js';
import type { StackMemory } from '../../reconcilers/plan/memory.js';
import type { PolicySet } from '../../reconcilers/policy/policy-set.js';
import type { Eyes } from './open-plan.js';

const POLL_MS = 25;
/** What did not answer by then is shown as it is: silent, or not healthy yet. */
const PATIENCE_MS = 2500;

interface Subject {
  readonly stack: StackSpec;
  readonly memory: StackMemory;
  readonly policies: PolicySet;
}

export async function firstLook(
  { observer, judge }: Pick<Eyes, 'observer' | 'judge'>,
  { stack, memory, policies }: Subject,
  stop: AbortSignal,
): Promise<World> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const world = await observer.observe(stack, memory);
    const { isWhole } = judge.gather({ stack, memory, policies, world, now: Date.now() });
    if (stop.aborted || (isWhole && isKnown(world, stack)) || performance.now() > deadlineMs) return world;
    await sleep(POLL_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}

function isKnown(world: World, stack: StackSpec): boolean {
  return isPolicyEngineKnown(world) && (!canAskForHealth(world) || areReplicasKnown(world, stack));
}

function isPolicyEngineKnown({ policyEngines }: World): boolean {
  return [...policyEngines.values()].every(({ ready }) => ready);
}

/** Replicas are asked through the proxy. */
function canAskForHealth({ containers }: World): boolean {
  return containers.some(({ role, state }) => role === 'proxy' && state === 'running');
}

function areReplicasKnown({ containers, health }: World, { services }: StackSpec): boolean {
  return containers.every(({ id, role, state, service }) => {
    const spec = services.find(({ name }) => name === service);
    if (role !== 'service' || state !== 'running' || spec?.health === undefined) return true;
    const known = health.get(id);
    return known !== undefined && (known.healthy || known.failuresInARow >= spec.health.retries);
  });
}
