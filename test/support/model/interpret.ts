/** What each step does to the model: one entry a kind, as `StepEffects` has it; refuses what the Engine would refuse. */
import { ForeignClaim } from '../../../src/reconcilers/docker/engine-errors.js';
import type { ObservedContainer } from '../../../src/reconcilers/observed/world.js';
import { fixedPorts, imageReference, LABEL } from '../../../src/reconcilers/plan/container-template.js';
import type { Step, StepArgs, StepOf } from '../../../src/reconcilers/plan/steps.js';
import { limitsOf, made } from '../../../src/reconcilers/plan/predict/made-container.js';
import type { ModelWorld } from './model-world.js';

type Effects = { readonly [K in keyof StepArgs]: (world: ModelWorld, step: StepOf<K>) => void };

/** The Engine's "no". */
export class Refused extends Error {
  override readonly name = 'Refused';
}

const EFFECTS: Effects = {
  pullImage: (world, { image }) => {
    const found = world.registry.get(image);
    if (found === undefined) throw new Refused(`no such image: ${image}`);
    world.images.set(image, found);
  },
  createNetwork: (world, { target, driver }) => {
    if (world.networks.some(({ name }) => name === target)) return;
    world.networks = [...world.networks, { id: world.nextId(), name: target, driver, mine: true }];
  },
  removeNetwork: (world, { id, target }) => {
    if (world.containers.some((container) => isUp(container) && container.networks.has(target)))
      throw new Refused(`network ${target} has active endpoints`);
    world.networks = world.networks.filter((network) => network.id !== id);
  },
  createVolume: (world, { target }) => {
    if (world.volumes.some(({ name }) => name === target)) return;
    world.volumes = [...world.volumes, { name: target, mine: true }];
  },
  loadPolicies: (world, { target }) => void world.loaded.add(existing(world, target).id),
  createContainer: (world, { template }) => {
    const holder = world.find(template.name);
    if (holder !== undefined) return claim(holder, template.labels[LABEL.stack], template.name);
    const image = world.imageOf(imageReference(template));
    if (image === undefined) throw new Refused(`no such image: ${imageReference(template)}`);
    world.containers = [...world.containers, made(template, image, { id: world.nextId(), now: world.now })];
  },
  startContainer: (world, { target }) => {
    const container = existing(world, target);
    if (container.state === 'running') return;
    if (container.state === 'paused') throw new Refused(`${target} is paused`);
    for (const [name, { networkId }] of container.networks) {
      const found = world.networks.find((network) => network.name === name);
      if (found === undefined || (networkId !== '' && networkId !== found.id))
        throw new Refused(`network ${networkId || name} not found`);
    }
    refuseTaken(world, fixedPorts(container.config), (other) => other.id === container.id);
    world.run(container.id);
  },
  unpauseContainer: (world, { id }) => {
    if (existing(world, id).state === 'paused') world.change(id, { state: 'running' });
  },
  restartContainer: (world, { id }) => world.run(existing(world, id).id),
  renameContainer: (world, { id, to }) => {
    if (world.find(to) !== undefined) throw new Refused(`the name ${to} is taken`);
    world.change(existing(world, id).id, { name: to });
  },
  updateContainer: (world, { id, template }) => {
    const { config } = existing(world, id);
    world.change(id, { config: { ...config, ...limitsOf(template) } });
  },
  connectNetwork: (world, { id, network, aliases }) => {
    const found = world.networks.find(({ name }) => name === network);
    if (found === undefined) throw new Refused(`network ${network} not found`);
    const { networks } = existing(world, id);
    const endpoint = { networkId: found.id, aliases, address: '' };
    world.change(id, { networks: new Map([...networks, [network, endpoint]]) });
  },
  disconnectNetwork: (world, { id, network }) => {
    const { networks } = existing(world, id);
    world.change(id, { networks: new Map([...networks].filter(([name]) => name !== network)) });
  },
  stopContainer: (world, { id }) => {
    if (world.find(id) !== undefined) world.end(id);
  },
  removeContainer: (world, { id, needs = [] }) => {
    const stack = world.find(id)?.config.labels[LABEL.stack];
    refuseTaken(world, needs, ({ config }) => config.labels[LABEL.stack] === stack);
    world.remove(id);
  },
  recordFailure: (world, { id }) => void (id === undefined ? undefined : existing(world, id)),
  configureProxy: (world, { target, model }) => {
    const { id, state } = existing(world, target);
    if (state === 'running') world.proxy.activate(id, model, world.now);
    else world.proxy.write(id, model);
  },
  stageProxy: (world, { target, model }) => {
    const proxy = world.find(target);
    if (proxy?.state === 'running') world.proxy.stage(proxy.id, model);
  },
  shiftTraffic: (world, { route }) => {
    const proxy = world.containers.find(({ role, state }) => role === 'proxy' && state === 'running');
    if (proxy === undefined) throw new Refused('the proxy is not there any more');
    world.proxy.shift(proxy.id, route, world.now);
  },
};

/** Does one step; throws what the Engine would refuse. */
export function interpret(world: ModelWorld, step: Step): void {
  const effect = EFFECTS[step.kind] as (world: ModelWorld, step: Step) => void;
  effect(world, step);
}

function existing(world: ModelWorld, idOrName: string): ObservedContainer {
  const container = world.find(idOrName);
  if (container === undefined) throw new Refused(`no such container: ${idOrName}`);
  return container;
}

/** Our own container of an earlier attempt is as good; somebody else's is not. */
function claim(holder: ObservedContainer, stack: string | undefined, name: string): void {
  if (holder.config.labels[LABEL.stack] === stack) return;
  throw new ForeignClaim('container', name, `a container named ${name} exists and is not this stack's`);
}

function refuseTaken(
  { containers }: ModelWorld,
  ports: readonly number[],
  mayHave: (container: ObservedContainer) => boolean,
): void {
  const others = containers
    .filter((other) => !mayHave(other) && isUp(other))
    .flatMap(({ config }) => fixedPorts(config));
  const port = ports.find((wanted) => others.includes(wanted));
  if (port !== undefined) throw new ForeignClaim('port', String(port), `port ${String(port)} is taken`);
}

function isUp({ state }: ObservedContainer): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting';
}
