/**
 * What the world is after a step that went well: the plan's own idea of each step, so that a plan can be continued before
 * anything was done. Nothing is refused here, and nothing is learned by waiting (that is `after-wait.ts`). Pure.
 */
import type { ObservedContainer, ObservedEndpoint, ObservedImage, World } from '../../observed/world.js';
import { imageReference } from '../container-template.js';
import type { Step, StepArgs, StepOf } from '../steps.js';
import { limitsOf, made } from './made-container.js';
import { activated, connected, followed, started } from './after-part.js';
import { nextId } from './next-id.js';

type After = {
  readonly [K in keyof StepArgs]: (world: World, step: StepOf<K>, now: number) => World;
};

/** What nobody knows of an image before it is pulled. */
const UNSEEN_IMAGE: ObservedImage = { id: 'unseen', user: '', env: {}, command: [], entrypoint: [] };

const AFTER: After = {
  pullImage: (world, { image }) =>
    world.images.has(image) ? world : { ...world, images: new Map([...world.images, [image, UNSEEN_IMAGE]]) },
  createNetwork: (world, { target, driver }) => ({
    ...world,
    networks: [...world.networks, { id: `new ${target}`, name: target, driver, mine: true }],
  }),
  removeNetwork: (world, { id }) => ({
    ...world,
    networks: world.networks.filter((network) => network.id !== id),
  }),
  createVolume: (world, { target }) => ({
    ...world,
    volumes: [...world.volumes, { name: target, mine: true }],
  }),
  loadPolicies: (world) => world,
  createContainer: (world, { template }, now) => {
    const image = world.images.get(imageReference(template)) ?? UNSEEN_IMAGE;
    const container = made(template, image, { id: nextId(world), now });
    return followed({ ...world, containers: [...world.containers, container] });
  },
  startContainer: (world, { target }, now) => run(world, target, now),
  restartContainer: (world, { id }, now) => run(world, id, now),
  unpauseContainer: (world, { id }, now) =>
    started(
      change(world, id, () => ({ state: 'running' })),
      id,
      now,
    ),
  renameContainer: (world, { id, to }) => change(world, id, () => ({ name: to })),
  updateContainer: (world, { id, template }) =>
    change(world, id, ({ config }) => ({ config: { ...config, ...limitsOf(template) } })),
  connectNetwork: (world, { id, network, aliases }, now) => {
    const endpoint = { networkId: networkId(world, network), aliases, address: '' };
    const to = ({ networks }: ObservedContainer) => ({
      networks: new Map([...networks, [network, endpoint]]),
    });
    return connected(change(world, id, to), id, now);
  },
  disconnectNetwork: (world, { id, network }) => change(world, id, without(network)),
  stopContainer: (world, { id }, now) =>
    followed(change(world, id, () => ({ state: 'exited', exitCode: 0, finishedAt: now }))),
  removeContainer: (world, { id }) =>
    followed({ ...world, containers: world.containers.filter((known) => known.id !== id) }),
  recordFailure: (world) => world,
  configureProxy: (world, { target, model }, now) =>
    find(world, target)?.state === 'running'
      ? activated(world, model, now)
      : { ...world, proxy: { ...world.proxy, model, file: 'own' } },
  stageProxy: (world, { model }) => ({ ...world, proxy: { ...world.proxy, staged: model } }),
  shiftTraffic: (world, { route }, now) => {
    const { model } = world.proxy;
    if (model === undefined) return world;
    const routes = model.routes.map((known) => (known.service === route.service ? route : known));
    return activated(world, { ...model, routes }, now);
  },
};

/** Every kind that there is. */
export const STEP_KINDS = Object.keys(AFTER) as readonly Step['kind'][];

/** `now`: when it is done, epoch milliseconds. */
export function afterStep(world: World, step: Step, now: number): World {
  const after = AFTER[step.kind] as (world: World, step: Step, now: number) => World;
  return after(world, step, now);
}

/** A new life: nothing is known of its health, and its networks are those of today. */
function run(world: World, idOrName: string, now: number): World {
  const container = find(world, idOrName);
  if (container === undefined) return world;
  const networks = new Map(
    [...container.networks].map(([name, endpoint]): [string, ObservedEndpoint] => [
      name,
      { ...endpoint, networkId: networkId(world, name) },
    ]),
  );
  const up = change(world, container.id, () => ({ state: 'running', startedAt: now, networks }));
  const health = new Map([...up.health].filter(([id]) => id !== container.id));
  return started({ ...up, health }, container.id, now);
}

function without(network: string) {
  return ({ networks }: ObservedContainer) => ({
    networks: new Map([...networks].filter(([name]) => name !== network)),
  });
}

function find(world: World, idOrName: string): ObservedContainer | undefined {
  return world.containers.find(({ id, name }) => id === idOrName || name === idOrName);
}

function networkId({ networks }: World, name: string): string {
  return networks.find((network) => network.name === name)?.id ?? '';
}

function change(
  world: World,
  id: string,
  to: (container: ObservedContainer) => Partial<ObservedContainer>,
): World {
  const containers = world.containers.map((known) => (known.id === id ? { ...known, ...to(known) } : known));
  return { ...world, containers };
}
