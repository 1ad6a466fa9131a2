/**
 * What the world is when everything that can be waited for has come: replicas answer their health checks, the policy engine
 * answers, old nginx workers have finished. It is an assumption: a version that never gets healthy is beyond any plan. Pure.
 */
import type { ObservedContainer, ObservedHealth, World } from '../../observed/world.js';

const HEALTHY: ObservedHealth = { healthy: true, wasHealthy: true, failuresInARow: 0 };

/** `now`: epoch milliseconds. What says nothing at all stays silent. */
export function afterWait(world: World, now: number): World {
  const containers = world.containers.map((container) => settledDown(container, now));
  const { proxy, policyEngines } = world;
  return {
    ...world,
    containers,
    health: canAskForHealth(world) ? healthOf(containers, world.health) : world.health,
    proxy: proxy.confirmed ? { ...proxy, knownToWorkers: new Set() } : proxy,
    policyEngines: new Map(
      [...policyEngines].map(([id, known]) => [
        id,
        known.silentSince === undefined ? { ready: true } : known,
      ]),
    ),
  };
}

/** What the engine is starting again stays up this time. */
function settledDown(container: ObservedContainer, now: number): ObservedContainer {
  return container.state === 'restarting' ? { ...container, state: 'running', startedAt: now } : container;
}

/** Replicas are asked through the proxy. */
function canAskForHealth({ containers, proxy }: World): boolean {
  return (
    proxy.silentSince === undefined &&
    containers.some(({ role, state }) => role === 'proxy' && state === 'running')
  );
}

/** What was found to answer no more stays so in this life of it. */
function healthOf(containers: readonly ObservedContainer[], before: World['health']): World['health'] {
  const running = containers.filter(({ role, state }) => role === 'service' && state === 'running');
  return new Map(
    running.map(({ id }) => {
      const known = before.get(id);
      return [id, known?.wasHealthy === true && !known.healthy ? known : HEALTHY];
    }),
  );
}
