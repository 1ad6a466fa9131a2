/** What the world says of its two parts, the proxy and the policy engine, when their containers or their files change. Pure. */
import type { ObservedContainer, ObservedPolicyEngine, ObservedProxy, World } from '../../observed/world.js';
import { addressesOf, type ProxyModel } from '../proxy-model.js';

const NO_PROXY: ObservedProxy = { confirmed: false, knownToWorkers: new Set(), editedInside: false };

/** The word on each part is that of the container that fills its place now. */
export function followed(world: World): World {
  const [proxy, policy] = [partOf(world, 'proxy'), partOf(world, 'policy')];
  return { ...world, proxy: proxyOf(world, proxy), policyEngine: policyEngineOf(world, policy) };
}

/** As the observer chooses: a running one before others. */
function partOf({ containers }: World, role: 'proxy' | 'policy'): ObservedContainer | undefined {
  const parts = containers.filter((container) => container.role === role);
  return parts.find(({ state }) => state === 'running') ?? parts[0];
}

function proxyOf({ proxy }: World, container: ObservedContainer | undefined): ObservedProxy {
  if (container === undefined) return NO_PROXY;
  if (container.id !== proxy.containerId) return newProxy(container);
  if (container.state === 'running') return proxy;
  return { ...NO_PROXY, containerId: container.id, ...filesOf(proxy) };
}

/** What outlives the process: the files in the container. */
function filesOf({ model, staged, version }: ObservedProxy): Partial<ObservedProxy> {
  return {
    ...(model === undefined ? {} : { model }),
    ...(staged === undefined ? {} : { staged }),
    ...(version === undefined ? {} : { version }),
  };
}

function newProxy({ id, config }: ObservedContainer): ObservedProxy {
  const version = config.env.NGINX_VERSION;
  return { ...NO_PROXY, containerId: id, ...(version === undefined ? {} : { version }) };
}

function policyEngineOf(
  { policyEngine }: World,
  container: ObservedContainer | undefined,
): ObservedPolicyEngine {
  if (container === undefined) return { ready: false };
  const isSame = container.id === policyEngine.containerId && container.state === 'running';
  return isSame ? policyEngine : { containerId: container.id, ready: false };
}

/** Container `id` runs again: a proxy serves the file that it has, a policy engine answers when it has been waited for. */
export function started(world: World, id: string, now: number): World {
  const known = followed(world);
  if (id === known.policyEngine.containerId)
    return { ...known, policyEngine: { containerId: id, ready: false } };
  if (id !== known.proxy.containerId) return known;
  const { editedInside, model } = known.proxy;
  const confirmed = model !== undefined && !editedInside;
  const served = { confirmed, editedInside, ...(confirmed ? { servedSince: now } : {}) };
  return {
    ...known,
    proxy: { ...NO_PROXY, containerId: id, ...filesOf(known.proxy), ...served },
  };
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
      editedInside: false,
      knownToWorkers: new Set([...proxy.knownToWorkers, ...before]),
    },
  };
}
