/** What the world says of its two parts, the proxy and the policy engines, when their containers or their files change. Pure. */
import type { ObservedContainer, ObservedProxy, World } from '../../observed/world.js';
import { addressesOf, type ProxyModel } from '../proxy-model.js';

const NO_PROXY: ObservedProxy = { confirmed: false, knownToWorkers: new Set(), file: 'own' };

/** The word on each part is that of the container that fills its place now. */
export function followed(world: World): World {
  return { ...world, proxy: followedProxy(world), policyEngines: followedEngines(world) };
}

/** As the observer chooses: a running one before others. */
function followedProxy({ containers, proxy }: World): ObservedProxy {
  const proxies = containers.filter(({ role }) => role === 'proxy');
  const container = proxies.find(({ state }) => state === 'running') ?? proxies[0];
  if (container === undefined) return { ...NO_PROXY, ...modelOf(proxy) };
  if (container.id !== proxy.containerId) return newProxy(container, proxy);
  if (container.state === 'running') return proxy;
  return { ...NO_PROXY, containerId: container.id, ...filesOf(proxy) };
}

/** What outlives the process: the files in the container. */
function filesOf(proxy: ObservedProxy): Partial<ObservedProxy> {
  const { staged, version } = proxy;
  return {
    ...modelOf(proxy),
    ...(staged === undefined ? {} : { staged }),
    ...(version === undefined ? {} : { version }),
  };
}

/** Its routes are those of the one before: whoever drives a proxy remembers what it served. */
function newProxy({ id, config }: ObservedContainer, before: ObservedProxy): ObservedProxy {
  const version = config.env.NGINX_VERSION;
  return {
    ...NO_PROXY,
    containerId: id,
    ...modelOf(before),
    ...(version === undefined ? {} : { version }),
  };
}

function modelOf({ model }: ObservedProxy): Partial<ObservedProxy> {
  return model === undefined ? {} : { model };
}

function followedEngines({ containers, policyEngines }: World): World['policyEngines'] {
  const running = containers.filter(({ role, state }) => role === 'policy' && state === 'running');
  return new Map(running.map(({ id }) => [id, policyEngines.get(id) ?? { ready: false }]));
}

/** Container `id` runs again: a proxy serves the file that it has, a policy engine answers when it has been waited for. */
export function started(world: World, id: string, now: number): World {
  const known = followed(world);
  if (known.policyEngines.has(id))
    return { ...known, policyEngines: new Map([...known.policyEngines, [id, { ready: false }]]) };
  if (id !== known.proxy.containerId) return known;
  const { file, model } = known.proxy;
  const confirmed = model !== undefined && file === 'own';
  const served = { confirmed, file, ...(confirmed ? { servedSince: now } : {}) };
  return {
    ...known,
    proxy: { ...NO_PROXY, containerId: id, ...filesOf(known.proxy), ...served },
  };
}

/** Who was silent for want of its network answers like one that was started; who was not goes on as before. */
export function connected(world: World, id: string, now: number): World {
  const part = id === world.proxy.containerId ? world.proxy : world.policyEngines.get(id);
  return part?.silentSince === undefined ? world : started(world, id, now);
}

/** The running proxy serves `model`; its old workers still know the servers of before. */
export function activated(world: World, model: ProxyModel, now: number): World {
  const { proxy } = world;
  const before = proxy.model === undefined ? [] : [...addressesOf(proxy.model)];
  return {
    ...world,
    proxy: {
      ...proxy,
      model,
      staged: model,
      confirmed: proxy.silentSince === undefined,
      servedSince: now,
      file: 'own',
      knownToWorkers: new Set([...proxy.knownToWorkers, ...before]),
    },
  };
}
