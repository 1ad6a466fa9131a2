/**
 * What the world still tells when our notes are gone. A canary begins at its first step again (design §4), and takes no more than that
 * from the stable version that has a place beside it: its spec is read off its container, and believed when it has the hash that the
 * container is labelled with. Pure.
 */
import { specHash } from '../desired/spec-hash.js';
import type { ContainerSpec, ResourceSpec, ServiceSpec } from '../desired/stack-spec.js';
import type { ObservedConfig, ObservedContainer } from '../observed/world.js';
import type { ServiceMemory, StackMemory } from './memory.js';
import type { PlanInput } from './plan-input.js';
import { serverAddress } from './proxy-model.js';
import { servedRoute } from './route.js';
import { OWN_ENV } from './templates.js';

/** The same object where there is nothing to recall. */
export function withRecalled(input: PlanInput): PlanInput {
  const recalled = input.stack.services.flatMap((spec) => {
    const stable = isForgotten(input.memory.services[spec.name]) ? stableBeside(input, spec) : undefined;
    return stable === undefined ? [] : [[spec.name, { stable }] as const];
  });
  if (recalled.length === 0) return input;
  const services = { ...input.memory.services, ...Object.fromEntries(recalled) };
  return { ...input, memory: { ...input.memory, services } satisfies StackMemory };
}

/** Nothing of it served or failed, as far as anybody remembers. */
export function isForgotten({ stable, canary, failed }: ServiceMemory = {}): boolean {
  return stable === undefined && canary === undefined && failed === undefined;
}

function stableBeside(input: PlanInput, spec: ServiceSpec): ServiceSpec | undefined {
  if (spec.mode !== 'canary') return undefined;
  const container = servingStable(input, spec.name);
  const made = container === undefined ? undefined : readOff(input, container, spec);
  return made === undefined ? undefined : { ...spec, mode: 'stable', container: made };
}

/** It runs, and has a place in the proxy. The newest, if one replaces another. */
function servingStable(input: PlanInput, name: string): ObservedContainer | undefined {
  if (!input.world.proxy.confirmed) return undefined;
  const [newest] = inStablePlaces(input, name)
    .filter(({ state, track }) => state === 'running' && track === 'stable')
    .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
  return newest;
}

/** To whom the proxy's own file gives what is stable's, up or not. */
export function inStablePlaces(
  { world }: Pick<PlanInput, 'world'>,
  service: string,
): readonly ObservedContainer[] {
  const stable = servedRoute({ world }, service)?.tracks.find(({ track }) => track === 'stable');
  const addresses = new Set(stable?.servers.map(({ address }) => address));
  return world.containers.filter((one) => one.service === service && addresses.has(serverAddress(one.id)));
}

/** What cannot be told from the container, because an image may bring it, is tried: with it and without. */
function readOff(
  input: PlanInput,
  container: ObservedContainer,
  spec: ServiceSpec,
): ContainerSpec | undefined {
  const { config, version = '', specHash: hash } = container;
  const { env, port } = envOf(input, container, spec);
  const bare: ContainerSpec = {
    image: nameOf(config, spec),
    version,
    ...(port === undefined ? {} : { port }),
    env,
    mounts: [...config.mounts].sort((a, b) => (a.target < b.target ? -1 : 1)),
    restartPolicy: config.restartPolicy,
    resources: {
      ...(config.nanoCpus > 0 ? { cpus: config.nanoCpus / 1e9 } : {}),
      ...memoryOf(config.memoryBytes ?? spec.container.resources.memoryBytes),
      pids: config.pids ?? spec.container.resources.pids,
    },
    aliases: spec.container.aliases,
    security: {
      capAdd: [...config.capAdd].sort(),
      readOnly: config.readOnly,
      tmpfs: [...config.tmpfs].sort(),
    },
  };
  const withCommand = { ...bare, command: config.command };
  const likely = [bare, withCommand].flatMap((one) => [
    one,
    { ...one, security: { ...one.security, user: config.user } },
  ]);
  return [...likely, { ...spec.container, image: nameOf(config, spec), version }].find(
    (one) => specHash(one) === hash,
  );
}

/** What is made of an image by its id does not tell which name that had. */
function nameOf({ image, imageId }: ObservedConfig, { container }: ServiceSpec): string {
  return image === imageId ? container.image : image;
}

function memoryOf(memoryBytes = 0): Pick<ResourceSpec, 'memoryBytes'> {
  return memoryBytes > 0 ? { memoryBytes } : {};
}

/** The user's variables, without ours and the image's. */
function envOf(
  { world }: PlanInput,
  { config }: ObservedContainer,
  { container: wanted }: ServiceSpec,
): Pick<ContainerSpec, 'env' | 'port'> {
  const image = world.images.get(config.image)?.env ?? {};
  const isOurs = (key: string) => OWN_ENV.includes(key);
  const isImages = ([key, value]: readonly [string, string]) => image[key] === value && !(key in wanted.env);
  const users = Object.entries(config.env).filter(([key, value]) => !isOurs(key) && !isImages([key, value]));
  const port = Number(config.env.APP_PORT);
  return { env: Object.fromEntries(users), ...(port > 0 ? { port } : {}) };
}
