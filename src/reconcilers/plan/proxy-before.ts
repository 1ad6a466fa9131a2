/**
 * A proxy that is made anew, or whose file is lost, comes back as it served last: what the manifest changed meanwhile is asked
 * afterwards, as any change of one that serves. Pure.
 */
import type { StackSpec } from '../desired/stack-spec.js';
import type { World } from '../observed/world.js';
import type { ProxyMemory } from './memory.js';
import type { PlanInput } from './plan-input.js';
import { routeOf, type ProxyModel, type RouteModel } from './proxy-model.js';
import { isAlive } from './route.js';
import { PROXY_PORT } from './templates.js';

/** As it serves now, or did last. */
export function proxyMemory({ world, memory }: PlanInput): ProxyMemory | undefined {
  const { containerId, model, confirmed } = world.proxy;
  const config = world.containers.find(({ id }) => id === containerId)?.config;
  const port = config?.publish.find(({ container }) => container === PROXY_PORT)?.host;
  if (!confirmed || config === undefined || port === undefined || model === undefined) return memory.proxy;
  return { image: config.image, port, model };
}

/** What its container is made of. */
export function withProxyBefore({ stack, world, memory }: PlanInput): StackSpec {
  const before = memory.proxy;
  if (isWhole(world) || before === undefined || !world.images.has(before.image)) return stack;
  return { ...stack, proxy: { ...stack.proxy, image: before.image, port: before.port } };
}

/** What its file says. */
export function modelBefore(input: PlanInput, wanted: ProxyModel): ProxyModel {
  const before = input.memory.proxy?.model;
  if (isWhole(input.world) || before === undefined) return wanted;
  const { contact, timeoutSeconds, drainSeconds } = before;
  const routes = before.routes.flatMap((route) => aliveRoute(input, route) ?? movedRoute(route, wanted));
  return { ...wanted, contact, timeoutSeconds, drainSeconds, routes };
}

/** It runs, answers and has our file. */
function isWhole({ proxy, containers }: World): boolean {
  const runs = containers.some(({ id, state }) => id === proxy.containerId && state === 'running');
  return runs && proxy.model !== undefined && proxy.file === 'own' && proxy.silentSince === undefined;
}

/** Absent where nobody is left to take the requests of a track. */
function aliveRoute(input: PlanInput, route: RouteModel): RouteModel | undefined {
  const tracks = route.tracks.map((track) => ({
    ...track,
    servers: track.servers.filter((server) => isAlive(input, server)),
  }));
  const serves = tracks.every(({ weight, servers }) => weight === 0 || servers.length > 0);
  return serves ? { ...route, tracks: tracks.filter(({ servers }) => servers.length > 0) } : undefined;
}

/** At the place of before, by whoever can serve now. */
function movedRoute(before: RouteModel, { routes }: ProxyModel): readonly RouteModel[] {
  return routes
    .filter(({ service }) => service === before.service)
    .map((route) => routeOf(route.service, before, route));
}
