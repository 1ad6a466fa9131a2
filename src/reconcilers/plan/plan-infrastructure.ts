/** What services stand on: images, networks, volumes. */
import type { ObservedContainer } from '../observed/world.js';
import type { ContainerTemplate } from './container-template.js';
import { volumeNames } from './names.js';
import { goalGate, type GoalPlan } from './service-slots.js';
import type { Finding, PlanInput } from './plan-input.js';
import type { SlotPlan } from './slot.js';
import type { Chain, GatePart, Step, StepGate } from './steps.js';

export interface PartPlan {
  readonly chains: readonly Chain[];
  readonly findings: readonly Finding[];
  readonly slot?: SlotPlan;
}

export function planNetworkAndVolumes(input: PlanInput): PartPlan {
  const { stack, world } = input;
  const network = planNetwork(
    input,
    stack.network,
    partGate(input, { kind: 'network', name: stack.network.name }),
  );
  const missing = volumeNames(stack).filter((name) => !world.volumes.some((volume) => volume.name === name));
  const volumes = missing.map((name): Chain => {
    const applied = input.memory.applied.includes(name);
    return [
      {
        kind: 'createVolume',
        target: name,
        cause: applied ? `volume ${name} is gone` : 'a service mounts it',
        gate: partGate(input, { kind: 'volume', name }),
        ...(applied ? { drift: 'removed' } : {}),
      },
    ];
  });
  return { chains: [...network.chains, ...volumes], findings: network.findings };
}

export function planNetwork(
  input: PlanInput,
  wanted: { name: string; driver: string },
  gate: StepGate | undefined,
): PartPlan {
  const found = input.world.networks.find(({ name }) => name === wanted.name);
  if (found === undefined) {
    const applied = input.memory.applied.includes(wanted.name);
    const cause = applied ? `network ${wanted.name} is gone` : 'the stack needs its network';
    const step: Step = {
      kind: 'createNetwork',
      target: wanted.name,
      driver: wanted.driver,
      cause,
      ...(gate ? { gate } : {}),
      ...(applied ? { drift: 'removed' } : {}),
    };
    return { chains: [[step]], findings: [] };
  }
  if (!found.mine) return { chains: [], findings: [foreignNetwork(wanted.name)] };
  return {
    chains: [],
    findings: found.driver === wanted.driver ? [] : [driverDiffers(found, wanted.driver)],
  };
}

function foreignNetwork(name: string): Finding {
  const message = `a network named ${name} exists and is not this stack's; remove it (docker network rm ${name}) or name another in the manifest`;
  return { kind: 'foreign', target: name, message };
}

function driverDiffers(found: { name: string; driver: string }, wanted: string): Finding {
  const message = `network ${found.name} is of driver ${found.driver}, the manifest says ${wanted}; a network cannot change its driver: tear the stack down first`;
  return { kind: 'driver', target: found.name, message };
}

/** Images of the proxy, and of every service's goals that can be made of nothing, that the engine does not have. */
export function planImages(input: PlanInput, goals: readonly GoalPlan[]): PartPlan {
  const { stack, world } = input;
  const proxyImage = stack.proxy.image;
  const wanted = [
    { image: proxyImage, pull: stack.proxy.pull, gate: partGate(input, imagePart(proxyImage)) },
    ...goals
      .filter(({ build }) => build === undefined)
      .map(({ goal }) => ({
        image: goal.spec.container.image,
        pull: goal.spec.pull,
        gate: goalGate(goal, goal.proven),
      })),
  ];
  const missing = wanted.filter(
    ({ image }, index) =>
      !world.images.has(image) && wanted.findIndex((other) => other.image === image) === index,
  );
  return missing
    .map(({ image, pull, gate }) => planImage(image, pull, gate))
    .reduce(join, { chains: [], findings: [] });
}

export function planImage(image: string, pull: string, gate: StepGate | undefined): PartPlan {
  if (pull === 'never') {
    const message = `image ${image} is not on the engine and pull is never: build or load it`;
    return { chains: [], findings: [{ kind: 'image', target: image, message }] };
  }
  return {
    chains: [
      [
        {
          kind: 'pullImage',
          target: image,
          image,
          cause: 'it is not on the engine',
          ...(gate ? { gate } : {}),
        },
      ],
    ],
    findings: [],
  };
}

/** A part that runs and says nothing for this long hangs. */
const SILENCE_MS = 5000;
/** On a busy host a part needs long to its first answer, and longer each time that it is started anew. */
export const STARTUP_MS = 60_000;

interface Life extends Pick<ObservedContainer, 'startedAt'> {
  /** False: nobody knows of an answer since it started. */
  readonly hasAnswered?: boolean;
}

/** What was silent before it was started anew counts no more. */
export function silence(
  { now }: Pick<PlanInput, 'now'>,
  since: number | undefined,
  { startedAt = 0, hasAnswered = true }: Life = {},
): { readonly unhealthy?: string } {
  if (since === undefined) return {};
  const silentMs = now - Math.max(since, startedAt);
  const isStarting = !hasAnswered && now - startedAt < STARTUP_MS;
  if (silentMs < SILENCE_MS || isStarting) return {};
  return { unhealthy: `it runs and has said nothing for ${String(Math.round(silentMs / 1000))} s` };
}

/** For what belongs to no service: healed when it was there, deployed when it was not. */
export function partGate(input: PlanInput, part: GatePart): StepGate {
  const question = input.memory.applied.includes(part.name) ? 'heal' : 'deploy';
  return { question, direction: 'forward', part };
}

/** As what it is made of. */
export function containerPart({ name, image, publish }: ContainerTemplate): GatePart {
  const published = publish.map(({ hostAddress, host }) => ({
    address: hostAddress === '' ? '0.0.0.0' : hostAddress,
    port: host,
  }));
  return { kind: 'container', name, image, published };
}

function imagePart(image: string): GatePart {
  return { kind: 'image', name: image, image };
}

export function asOne(chain: Chain): readonly Chain[] {
  return chain.length === 0 ? [] : [chain];
}

export function targetsOf({ chains }: PartPlan): readonly string[] {
  return chains.flat().map(({ target }) => target);
}

export function join(left: PartPlan, right: PartPlan): PartPlan {
  return { chains: [...left.chains, ...right.chains], findings: [...left.findings, ...right.findings] };
}
