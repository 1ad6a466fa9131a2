/** Who decides now, of the policy engines that answer. Pure. */
import type { ObservedContainer, ObservedImage, ObservedPolicyEngine } from '../observed/world.js';
import type { ContainerTemplate } from './container-template.js';
import { differences } from './differences.js';
import type { PlanInput } from './plan-input.js';
import { policyTemplate } from './templates.js';

type Engines = Pick<PlanInput, 'stack' | 'world' | 'policy'>;

/**
 * The one at the place of the wanted policies, before any other of the wanted policies, before the newest of those that they replace.
 * Undefined while nobody answers.
 */
export function policyDecider(input: Engines): ObservedContainer | undefined {
  return firstOf(input, ({ ready }) => ready);
}

/** Whom to ask while nobody answers: an engine that misses a look may still answer the question. */
export function lastDecider(input: Engines): ObservedContainer | undefined {
  return firstOf(input, ({ wasReady = false }) => wasReady);
}

function firstOf(
  input: Engines,
  may: (engine: ObservedPolicyEngine) => boolean,
): ObservedContainer | undefined {
  const { stack, world, policy } = input;
  const image = world.images.get(stack.policyEngine.image);
  const isAtPlace =
    image === undefined ? () => false : fits(input, policyTemplate(stack, policy, image), image);
  const rank = (engine: ObservedContainer) =>
    isAtPlace(engine) ? 0 : engine.specHash === policy.digest ? 1 : 2;
  const able = policyEngines(input).filter(({ id }) => {
    const engine = world.policyEngines.get(id);
    return engine !== undefined && may(engine);
  });
  return [...able].sort(
    (a, b) => rank(a) - rank(b) || b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1),
  )[0];
}

/** Where it answers: a port of 127.0.0.1; absent while it does not run. */
export function policyPort({ ports }: Pick<ObservedContainer, 'ports'>): number | undefined {
  return ports.find(({ hostAddress }) => hostAddress === '127.0.0.1')?.host;
}

export function policyEngines({ world }: Pick<Engines, 'world'>): readonly ObservedContainer[] {
  return world.containers.filter(({ role }) => role === 'policy');
}

/** Made of the wanted policies, for the wanted key, as this template says. */
export function fits(
  { policy }: Pick<Engines, 'policy'>,
  template: ContainerTemplate,
  image: ObservedImage,
): (container: ObservedContainer) => boolean {
  return (container) =>
    container.specHash === policy.digest &&
    !differences(template, container, image).some(({ heal }) => heal === 'recreate');
}
