/**
 * The whole plan of one tick: values in, plan out. Only what is possible now is planned; what depends on a result
 * waits for the next tick, so no plan outlives a tick.
 */
import { isAnybodySilent } from '../observed/silence.js';
import type { ServicePlan } from './plan-service.js';
import { planServices } from './plan-services.js';
import { planImages, planNetworkAndVolumes, targetsOf, type PartPlan } from './plan-infrastructure.js';
import { planPolicyEngine } from './plan-policy-engine.js';
import { planProxy } from './plan-proxy.js';
import { proxyMemory } from './proxy-before.js';
import { planSurplus } from './surplus.js';
import { policyNetworkName, volumeNames } from './names.js';
import type { PlanInput } from './plan-input.js';
import type { Plan } from './plan.js';
import { fullyReady } from './service-slots.js';
import type { SlotPlan } from './slot.js';
import { policyEngineMemory } from './policy-image.js';
import { permitted, policyStarting, POLICY_POLL_MS, whoDecides } from './permission.js';
import { planRemoval } from './plan-removal.js';
import { withRecalled } from './recall.js';
import type { Chain } from './steps.js';

const SILENCE_POLL_MS = 500;

export function planStack(input: PlanInput): Plan {
  return input.isRemoved === true ? planRemoval(input) : planPresence(input);
}

function planPresence(wish: PlanInput): Plan {
  const { input, services, places } = planServices(withRecalled(wish));
  const policy = planPolicyEngine(input);
  const ground = planNetworkAndVolumes(input);
  const images = planImages(
    input,
    services.flatMap(({ goals }) => goals),
  );
  const decisions = services.flatMap(({ route }) => (route === undefined ? [] : [route]));
  const proxy = planProxy(input, { decisions, places });
  const gone = removedServices(input);
  const building = ground.chains.length > 0 || ground.findings.some(({ kind }) => kind === 'foreign');
  const standing = building
    ? []
    : [...proxy.chains, ...services.flatMap(({ chains }) => chains), ...gone.chains];
  const starting = policyStarting(input, policy);
  const onTrial = input.policiesOnTrial === true;
  const isAskedAnew = policy.handingOver || onTrial;
  const decider = starting || onTrial ? whoDecides(input) : 'these';
  const asked = [...images.chains, ...ground.chains, ...standing];
  const chains = [...policy.chains, ...permitted(asked, decider)];
  const servedBy = proxyMemory(input);
  const decidedBy = policyEngineMemory(input);
  const wakeAt = [
    ...services.flatMap((service) => service.wakeAt),
    ...partWakes(input, [policy, proxy], starting || gone.draining),
    ...(isAnybodySilent(input.world) ? [input.now + SILENCE_POLL_MS] : []),
  ];
  return {
    chains,
    findings: [policy, ground, images, proxy, ...services].flatMap(({ findings }) => findings),
    services,
    memory: {
      services: Object.fromEntries(services.map(({ spec, memory }) => [spec.name, memory])),
      applied: applied(input, [policy.place, proxy.slot], services),
      ...(servedBy === undefined ? {} : { proxy: servedBy }),
      ...(decidedBy === undefined ? {} : { policyEngine: decidedBy }),
    },
    wanted: wantedContainers([policy, proxy], services),
    converged:
      policy.chains.length + asked.length === 0 &&
      !gone.draining &&
      !isAskedAnew &&
      services.every(({ converged }) => converged) &&
      input.world.proxy.confirmed,
    leaving: gone.names,
    deciding: targetsOf(policy),
    isAskedAnew,
    ...(wakeAt.length === 0 ? {} : { wakeAt: Math.min(...wakeAt) }),
  };
}

interface Removed {
  readonly names: readonly string[];
  readonly chains: readonly Chain[];
  readonly draining: boolean;
}

function removedServices(input: PlanInput): Removed {
  const wanted = new Set(input.stack.services.map(({ name }) => name));
  const found = new Set(
    input.world.containers.filter(({ role }) => role === 'service').map(({ service }) => service ?? ''),
  );
  const names = [...found].filter((name) => !wanted.has(name)).sort();
  const plans = names.map((name) => planSurplus(input, { service: name, goals: [], memory: {} }));
  return {
    names,
    chains: plans.flatMap(({ chains }) => chains),
    draining: plans.some(({ draining }) => draining),
  };
}

function partWakes(input: PlanInput, parts: readonly PartPlan[], soon: boolean): number[] {
  const waits = parts.flatMap(({ slot }) => (slot?.waitUntil === undefined ? [] : [slot.waitUntil]));
  return soon ? [...waits, input.now + POLICY_POLL_MS] : waits;
}

function wantedContainers(parts: readonly PartPlan[], services: readonly ServicePlan[]): readonly string[] {
  const slots = services.flatMap(({ goals }) => goals.flatMap((plan) => plan.slots));
  return [...slots, ...parts.flatMap(({ slot }) => slot ?? [])].map(({ template }) => template.name);
}

function isConnected({ template, container }: SlotPlan, network: string): boolean {
  return template.network !== network || container === undefined || container.networks.has(network);
}

/** What is there and right, or was and is still wanted: its absence is drift from now on. */
function applied(
  input: PlanInput,
  parts: readonly (SlotPlan | undefined)[],
  services: readonly ServicePlan[],
): readonly string[] {
  const slots = services.flatMap(({ goals }) =>
    goals.flatMap((plan) => [
      ...plan.slots.map((slot) => ({
        name: slot.template.name,
        right: slot.ready && (plan.goal.proven || fullyReady(plan)),
      })),
      ...plan.unmade.map((name) => ({ name, right: false })),
    ]),
  );
  const containers = parts.flatMap((slot) =>
    slot === undefined ? [] : [{ name: slot.template.name, right: slot.running }],
  );
  const filled = [
    ...parts.flatMap((slot) => slot ?? []),
    ...services.flatMap(({ goals }) => goals.flatMap((plan) => plan.slots)),
  ];
  const networks = [input.stack.network.name, policyNetworkName(input.stack.name)].map((name) => ({
    name,
    right:
      input.world.networks.some((n) => n.name === name && n.mine) &&
      filled.every((slot) => isConnected(slot, name)),
  }));
  const volumes = volumeNames(input.stack).map((name) => ({
    name,
    right: input.world.volumes.some((volume) => volume.name === name),
  }));
  const before = new Set(input.memory.applied);
  return [...slots, ...containers, ...networks, ...volumes]
    .filter(({ name, right }) => right || before.has(name))
    .map(({ name }) => name)
    .sort();
}
