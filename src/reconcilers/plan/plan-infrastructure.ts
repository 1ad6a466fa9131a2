/** What services stand on: images, networks, volumes, the policy engine. */
import type { ObservedContainer } from '../observed/world.js';
import { goalsOf } from './goals.js';
import { policyNetworkName, volumeNames } from './names.js';
import { goalGate } from './service-slots.js';
import { networkId, type Finding, type PlanInput } from './plan-input.js';
import { planSlot, type SlotPlan } from './slot.js';
import type { Chain, Step, StepGate } from './steps.js';
import { policyTemplate } from './templates.js';

export interface PartPlan {
  readonly chains: readonly Chain[];
  readonly findings: readonly Finding[];
  readonly slot?: SlotPlan;
}

/** The policy engine and its network: what every other step's permission comes from, so nothing is asked here. */
export function planPolicyEngine(input: PlanInput): PartPlan {
  const { stack, world } = input;
  const network = planNetwork(input, { name: policyNetworkName(stack.name), driver: 'bridge' }, undefined);
  const image = world.images.get(stack.policyEngine.image);
  if (image === undefined)
    return join(network, planImage(stack.policyEngine.image, stack.policyEngine.pull, undefined));
  if (network.chains.length + network.findings.length > 0) return network;
  const template = policyTemplate(stack, input.policy, image);
  const mine = world.containers.filter(({ role }) => role === 'policy');
  const candidates = mine.filter(({ specHash }) => specHash === input.policy.digest);
  const slot = planSlot({
    template,
    image,
    candidates,
    others: world.containers.filter(({ role }) => role !== 'policy'),
    networkId: networkId(input, template.network),
    gate: undefined,
    cause: mine.length > candidates.length ? 'policies changed' : 'every step is asked first',
    applied: input.memory.applied.includes(template.name),
    replace: 'stop-first',
    ...silence(input, world.policyEngine.silentSince),
    notBefore: input.notBefore.get(template.name) ?? 0,
    now: input.now,
    beforeStart: [
      {
        kind: 'loadPolicies',
        target: template.name,
        cause: `policy revision ${input.policy.revision.slice(0, 12)}`,
      },
    ],
  });
  const old = mine.filter(({ id }) => id !== slot.container?.id);
  return {
    chains: asOne([...old.map((container) => dismiss(container)), ...slot.chain]),
    findings: [],
    slot,
  };
}

/** An engine of another revision or token, or a copy: it holds the port, so it leaves first. */
function dismiss(container: ObservedContainer): Step {
  return {
    kind: 'removeContainer',
    target: container.name,
    id: container.id,
    cause: 'it decides by another policy set',
  };
}

export function planNetworkAndVolumes(input: PlanInput): PartPlan {
  const { stack, world } = input;
  const network = planNetwork(input, stack.network, partGate(input, stack.network.name));
  const missing = volumeNames(stack).filter((name) => !world.volumes.some((volume) => volume.name === name));
  const volumes = missing.map((name): Chain => {
    const applied = input.memory.applied.includes(name);
    return [
      {
        kind: 'createVolume',
        target: name,
        cause: applied ? `volume ${name} is gone` : 'a service mounts it',
        gate: partGate(input, name),
        ...(applied ? { drift: 'removed' } : {}),
      },
    ];
  });
  return { chains: [...network.chains, ...volumes], findings: network.findings };
}

function planNetwork(
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

/** Images of the proxy and of every service's goals that the engine does not have. */
export function planImages(input: PlanInput): PartPlan {
  const { stack, world } = input;
  const wanted = [
    { image: stack.proxy.image, pull: stack.proxy.pull, gate: partGate(input, stack.proxy.image) },
    ...stack.services.flatMap((spec) =>
      goalsOf(spec, input.memory.services[spec.name] ?? {}).map((goal) => ({
        image: goal.spec.container.image,
        pull: goal.spec.pull,
        gate: goalGate(goal, goal.proven),
      })),
    ),
  ];
  const missing = wanted.filter(
    ({ image }, index) =>
      !world.images.has(image) && wanted.findIndex((other) => other.image === image) === index,
  );
  return missing
    .map(({ image, pull, gate }) => planImage(image, pull, gate))
    .reduce(join, { chains: [], findings: [] });
}

function planImage(image: string, pull: string, gate: StepGate | undefined): PartPlan {
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

export function silence(input: PlanInput, since: number | undefined): { readonly unhealthy?: string } {
  if (since === undefined || input.now - since < SILENCE_MS) return {};
  return {
    unhealthy: `it runs and has said nothing for ${String(Math.round((input.now - since) / 1000))} s`,
  };
}

/** For what belongs to no service: healed when it was there, deployed when it was not. */
export function partGate(input: PlanInput, target: string): StepGate {
  return { question: input.memory.applied.includes(target) ? 'heal' : 'deploy', direction: 'forward' };
}

export function asOne(chain: Chain): readonly Chain[] {
  return chain.length === 0 ? [] : [chain];
}

function join(left: PartPlan, right: PartPlan): PartPlan {
  return { chains: [...left.chains, ...right.chains], findings: [...left.findings, ...right.findings] };
}
