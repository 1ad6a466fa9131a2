/**
 * The plan of a stack that is not wanted any more: an empty wish, and everything goes, in the order of a teardown. The proxy first, so
 * that nobody is answered by half a stack; then who ran behind it, then the network; the engine of decisions last, because it is
 * asked before each of these. Volumes stay, with what is in them. Pure.
 */
import type { ServiceSpec } from '../desired/stack-spec.js';
import type { ObservedContainer, ObservedNetwork } from '../observed/world.js';
import { EMPTY_MEMORY, type StackMemory } from './memory.js';
import { policyNetworkName } from './names.js';
import { needsStop } from './needs-stop.js';
import { policyStarting, POLICY_POLL_MS, whoDecides } from './permission.js';
import { targetsOf } from './plan-infrastructure.js';
import type { PlanInput } from './plan-input.js';
import { planPolicyEngine, type PolicyPlan } from './plan-policy-engine.js';
import type { Plan } from './plan.js';
import { policyEngines } from './policy-decider.js';
import type { Chain, StepGate } from './steps.js';
import { stopGrace } from './stop-grace.js';
import { specOf, leaverFacts } from './surplus.js';

const CAUSE = 'the source has no manifest any more';

/** Nothing of it but the next part to go: what depends on a result waits for the next tick. */
export function planRemoval(input: PlanInput): Plan {
  const asked = askedChains(input);
  const policy = asked.length > 0 ? planPolicyEngine(input) : undefined;
  const isWaiting = policy !== undefined && isUndecided(input, policy);
  const chains =
    policy === undefined
      ? lastChains(input)
      : [...policy.chains, ...(isWaiting || policy.handingOver ? [] : asked)];
  const isGone = asked.length + chains.length === 0;
  return {
    chains,
    findings: policy?.findings ?? [],
    services: [],
    memory: isGone ? EMPTY_MEMORY : withoutStories(input.memory),
    wanted: [],
    converged: isGone,
    leaving: [],
    deciding: policy === undefined ? [] : targetsOf(policy),
    isAskedAnew: policy?.handingOver === true || input.policiesOnTrial === true,
    ...(isWaiting ? { wakeAt: input.now + POLICY_POLL_MS } : {}),
  };
}

/** Policies that are on their way may keep the stack: it is not for those before them to let all of it go. */
function isUndecided(input: PlanInput, policy: PolicyPlan): boolean {
  const decider = whoDecides(input);
  return decider === 'the ones before' || (decider === 'nobody' && policyStarting(input, policy));
}

/** What waits for a permission: the first of these groups that is still there. */
function askedChains(input: PlanInput): readonly Chain[] {
  const others = input.world.containers.filter(({ role }) => role !== 'policy' && role !== 'check');
  const proxies = others.filter(({ role }) => role === 'proxy');
  const first = proxies.length > 0 ? proxies : others;
  if (first.length > 0)
    return first.map((container) => {
      const spec = specOfLeaver(input, container);
      return leave(container, spec, gateOf(container, spec));
    });
  return ownNetworks(input, false).map((network) => [
    {
      ...removeNetwork(network),
      gate: { question: 'remove', direction: 'forward', part: { kind: 'network', name: network.name } },
    },
  ]);
}

/** Nobody is left who could be asked, and nothing that anybody would be asked about. */
function lastChains(input: PlanInput): readonly Chain[] {
  const engines = policyEngines(input);
  if (engines.length > 0) return engines.map((engine) => leave(engine));
  return ownNetworks(input, true).map((network) => [removeNetwork(network)]);
}

function ownNetworks({ stack, world }: PlanInput, ofPolicies: boolean): readonly ObservedNetwork[] {
  const name = policyNetworkName(stack.name);
  return world.networks.filter((network) => network.mine && (network.name === name) === ofPolicies);
}

function removeNetwork({ id, name }: ObservedNetwork) {
  return { kind: 'removeNetwork', target: name, id, cause: CAUSE } as const;
}

function specOfLeaver({ memory }: PlanInput, container: ObservedContainer): ServiceSpec | undefined {
  return specOf(container, [], memory.services[container.service ?? ''] ?? {});
}

function gateOf(container: ObservedContainer, spec: ServiceSpec | undefined): StepGate {
  return { question: 'remove', direction: 'forward', ...leaverFacts(container, spec) };
}

function leave(container: ObservedContainer, spec?: ServiceSpec, gate?: StepGate): Chain {
  const { id, name } = container;
  const common = { target: name, id, cause: CAUSE, ...(gate === undefined ? {} : { gate }) };
  return [
    ...(needsStop(container) ? [{ ...common, kind: 'stopContainer', ...stopGrace(spec) } as const] : []),
    { ...common, kind: 'removeContainer' },
  ];
}

/** What served is remembered until it is gone; what failed, or was on its way, is nobody's business any more. */
function withoutStories({ services }: StackMemory): StackMemory {
  const kept = Object.entries(services).map(([name, { stable, canary }]) => [
    name,
    { ...(stable === undefined ? {} : { stable }), ...(canary === undefined ? {} : { canary }) },
  ]);
  return { services: Object.fromEntries(kept) as StackMemory['services'], applied: [] };
}
