/** The first look of a plan: as often as it takes to know how everybody who runs is, which a controller knows already. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { Observer } from '../../reconcilers/observed/observer.js';
import type { World } from '../../reconcilers/observed/world.js';
import type { StackMemory } from '../../reconcilers/plan/memory.js';

const POLL_MS = 25;
/** What did not answer by then is shown as it is: silent, or not healthy yet. */
const PATIENCE_MS = 2500;

export async function firstLook(
  observer: Observer,
  { stack, memory }: { readonly stack: StackSpec; readonly memory: StackMemory },
  stop: AbortSignal,
): Promise<World> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const world = await observer.observe(stack, memory);
    if (stop.aborted || isKnown(world, stack) || performance.now() > deadlineMs) return world;
    await sleep(POLL_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}

function isKnown(world: World, stack: StackSpec): boolean {
  return isPolicyEngineKnown(world) && (!canAskForHealth(world) || areReplicasKnown(world, stack));
}

function isPolicyEngineKnown({ policyEngine, containers }: World): boolean {
  const isUp = containers.some(({ id, state }) => id === policyEngine.containerId && state === 'running');
  return !isUp || policyEngine.ready;
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
