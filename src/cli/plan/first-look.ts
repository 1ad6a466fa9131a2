/** The first look of a plan: as often as it takes to know how everybody who runs is, which a controller knows already. */
import { setTimeout as sleep } from 'node:timers/promises';
import { givenUpAfterMs } from '../../probes/health/http-get.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { World } from '../../reconcilers/observed/world.js';
import { withRemembered } from '../../reconcilers/plan/leavers.js';
import type { StackMemory } from '../../reconcilers/plan/memory.js';
import type { PolicySet } from '../../reconcilers/policy/policy-set.js';
import type { Eyes } from './open-plan.js';

const POLL_MS = 25;
/** What did not answer well by then is taken to go on like that: a controller would ask it for longer, and end there. */
const PATIENCE_MS = 2500;

interface Subject {
  readonly stack: StackSpec;
  readonly memory: StackMemory;
  readonly policies: PolicySet;
}

export async function firstLook(
  { observer, judge }: Pick<Eyes, 'observer' | 'judge'>,
  { stack: wish, memory, policies }: Subject,
  stop: AbortSignal,
): Promise<World> {
  const stack = withRemembered(wish, memory);
  const startedAtMs = performance.now();
  for (;;) {
    const world = await observer.observe(stack, memory);
    const { isWhole } = judge.gather({ stack, memory, policies, world, now: Date.now() });
    if (stop.aborted || (isWhole && isKnown(world, stack))) return world;
    if (performance.now() - startedAtMs > patienceMs(world, stack))
      return { ...world, health: asItGoesOn(world, stack) };
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

function areReplicasKnown(world: World, stack: StackSpec): boolean {
  return doubtful(world, stack).length === 0;
}

/** Who is slow to say anything is heard once. */
export function patienceMs(world: World, stack: StackSpec): number {
  if (!canAskForHealth(world)) return PATIENCE_MS;
  const unheard = doubtful(world, stack).filter(({ id }) => !world.health.has(id));
  return Math.max(PATIENCE_MS, ...unheard.map(({ timeoutMs }) => givenUpAfterMs(timeoutMs)));
}

/** Who could not be asked at all is left as nobody knows. */
function asItGoesOn(world: World, stack: StackSpec): World['health'] {
  const lasting = doubtful(world, stack).flatMap(({ id, retries }) => {
    const known = world.health.get(id);
    return known === undefined ? [] : [[id, { ...known, failuresInARow: retries }] as const];
  });
  return new Map([...world.health, ...lasting]);
}

/** Replicas that neither answered well nor failed often enough to be called ill. */
function doubtful({ containers, health }: World, { services }: StackSpec) {
  return containers.flatMap(({ id, role, state, service }) => {
    const asked = services.find(({ name }) => name === service)?.health;
    if (role !== 'service' || state !== 'running' || asked === undefined) return [];
    const known = health.get(id);
    const isKnown = known !== undefined && (known.healthy || known.failuresInARow >= asked.retries);
    return isKnown ? [] : [{ id, ...asked }];
  });
}
