/**
 * The engine of decisions: what every other step's permission comes from, so nothing is asked here but for another image of it
 * (policy-image.ts). One that must be replaced decides until its successor answers. Only one can have the manifest's port, so
 * where the old one has it, an interim one of the new policies takes over first, and holds on until the new one has that port and
 * answers.
 */
import type { ObservedContainer, ObservedImage } from '../observed/world.js';
import { fixedPorts, LABEL, type ContainerTemplate } from './container-template.js';
import { differences, recreateDrift } from './differences.js';
import { policyNetworkName } from './names.js';
import { asOne, join, planImage, planNetwork, silence, type PartPlan } from './plan-infrastructure.js';
import { networkNow, type PlanInput } from './plan-input.js';
import { fits, policyEngines } from './policy-decider.js';
import { policyGate, withPolicyImage } from './policy-image.js';
import { planSlot, type SlotPlan } from './slot.js';
import type { DriftKind, Step } from './steps.js';
import { interimPolicyTemplate, policyTemplate } from './templates.js';

export interface PolicyPlan extends PartPlan {
  /** The one that lasts; `slot` is what is worked on. */
  readonly place?: SlotPlan;
  /** More than one engine is there. */
  readonly handingOver: boolean;
}

/** One that runs and misses a health check is not given up at once: without it nobody decides. */
const PATIENCE_MS = 1000;

export function planPolicyEngine(wish: PlanInput): PolicyPlan {
  const input = withPolicyImage(wish);
  const { stack, world } = input;
  const name = policyNetworkName(stack.name);
  const network = planNetwork(input, { name, driver: 'bridge' }, undefined);
  const image = world.images.get(stack.policyEngine.image);
  if (image === undefined)
    return asItIs(join(network, planImage(stack.policyEngine.image, stack.policyEngine.pull, undefined)));
  if (network.chains.length + network.findings.length > 0) return asItIs(network);
  return planEngines(sceneOf(input, image));
}

/** What it needs is not there yet: whoever answers decides. */
function asItIs(part: PartPlan): PolicyPlan {
  const findings = part.findings.map((finding) => ({ ...finding, ofPolicyEngine: true as const }));
  return { ...part, findings, handingOver: false };
}

interface Scene {
  readonly input: PlanInput;
  readonly image: ObservedImage;
  readonly template: ContainerTemplate;
  readonly interimTemplate: ContainerTemplate;
  /** It has, or will have, the manifest's port. */
  readonly place: SlotPlan;
  /** All but the one at its place. */
  readonly others: readonly ObservedContainer[];
  /** Of the others: made of the wanted policies, on a port that the engine chose. */
  readonly interims: readonly ObservedContainer[];
}

function sceneOf(input: PlanInput, image: ObservedImage): Scene {
  const template = policyTemplate(input.stack, input.policy, image);
  const interimTemplate = interimPolicyTemplate(input.stack, input.policy, image);
  const bare = { input, image, template, interimTemplate };
  const place = planPlace(bare);
  const others = policyEngines(input).filter(({ id }) => id !== place.container?.id);
  const interims = others.filter(fits(input, interimTemplate, image));
  return { ...bare, place, others, interims };
}

type Bare = Pick<Scene, 'input' | 'image' | 'template'>;

function planPlace(bare: Bare): SlotPlan {
  const { input, image, template } = bare;
  const mine = policyEngines(input);
  const candidates = mine.filter(fits(input, template, image));
  return planSlot({
    ...slotInput(bare, template, candidates),
    cause: mine.length > candidates.length ? replaceWords(bare, mine) : 'every step is asked first',
    applied: input.memory.applied.includes(template.name) && !mine.some(isUnlike(bare)),
  });
}

function planInterim(scene: Scene): SlotPlan {
  const { interimTemplate, interims, template } = scene;
  return planSlot({
    ...slotInput(scene, interimTemplate, interims),
    cause: `${replaceWords(scene, scene.others)}: it decides until ${template.name} has the port`,
    applied: false,
  });
}

/** Candidates are as applied, so nothing is replaced inside the slot. */
function slotInput(
  { input, image }: Bare,
  template: ContainerTemplate,
  candidates: readonly ObservedContainer[],
) {
  const [first] = candidates;
  const known = input.world.policyEngines.get(first?.id ?? '');
  const revision = input.policy.revision.slice(0, 12);
  const load = { kind: 'loadPolicies', target: template.name, cause: `policy revision ${revision}` } as const;
  return {
    template,
    image,
    candidates,
    // An engine that answers makes room and decides on; one that does not is removed.
    others: input.world.containers.filter((other) => other.role !== 'policy' || isUp(input)(other)),
    network: networkNow(input, template.network),
    gate: policyGate(input, template, image),
    replace: 'stop-first',
    ...silence(input, known?.silentSince, { ...first, hasAnswered: known?.wasReady === true }),
    notBefore: input.notBefore.get(template.name) ?? 0,
    now: input.now,
    beforeStart: [load],
    // It may be silent because somebody changed what it was given: whom it answers, or by which policies.
    beforeRestart: [load],
  } as const;
}

function planEngines(scene: Scene): PolicyPlan {
  const { input, place, others, interims } = scene;
  const ready = isReady(input);
  const readyInterims = interims.filter(ready);
  const atPlace = place.container === undefined ? [] : [place.container].filter(ready);
  const holders = others.filter((other) => isUp(input)(other) && hasPort(scene, other));
  const shared = { place, findings: [], handingOver: others.length > 0 };
  if (atPlace.length > 0)
    return { ...shared, slot: place, chains: asOne([...dismiss(scene, others), ...place.chain]) };
  if (holders.length > 0 && readyInterims.length === 0) {
    const slot = planInterim(scene);
    const useless = others.filter((other) => !isUp(input)(other) && other.id !== slot.container?.id);
    return { ...shared, slot, chains: asOne([...dismiss(scene, useless), ...slot.chain]) };
  }
  // Made and filled beside the one that has the port, which leaves only when it is needed.
  const takesPort = place.chain.some(({ kind }) => kind === 'startContainer');
  const leaving = others.filter((other) => !isUp(input)(other) || (takesPort && holders.includes(other)));
  return { ...shared, slot: place, chains: asOne([...dismiss(scene, leaving), ...place.chain]) };
}

function isReady({ world }: PlanInput): (container: ObservedContainer) => boolean {
  return ({ id }) => world.policyEngines.get(id)?.ready === true;
}

/** It answers, or did a moment ago. */
function isUp(input: PlanInput): (container: ObservedContainer) => boolean {
  const { now, world } = input;
  return (container) => {
    const since = world.policyEngines.get(container.id)?.silentSince;
    return isReady(input)(container) || (since !== undefined && now - since < PATIENCE_MS);
  };
}

function hasPort({ input }: Scene, { config }: ObservedContainer): boolean {
  return config.publish.some(({ host }) => host === input.stack.policyEngine.port);
}

/** Of the wanted policies, and not one in between: it has to go because of what it was made of. */
function isUnlike({ input, image, template }: Bare): (container: ObservedContainer) => boolean {
  const isFit = fits(input, template, image);
  return (container) =>
    container.specHash === input.policy.digest && isLasting(container) && !isFit(container);
}

function isLasting({ config }: ObservedContainer): boolean {
  return fixedPorts(config).length > 0;
}

/** The policies are the same: what is beside them is another. */
const FILLED_BEFORE = 'it has another token, or is of another version of swiftdeploy';

function hasOtherSet({ policy }: PlanInput): (engine: ObservedContainer) => boolean {
  return ({ config }) => config.labels[LABEL.revision] !== policy.revision;
}

/** Why what is there does not do; of an engine of the same policies, what it was made of. */
function replaceWords({ input, image, template }: Bare, engines: readonly ObservedContainer[]): string {
  const filled = engines.filter(({ specHash }) => specHash !== input.policy.digest);
  if (filled.length > 0) return filled.some(hasOtherSet(input)) ? 'policies changed' : FILLED_BEFORE;
  const words = engines
    .filter(isLasting)
    .flatMap((engine) => differences(template, engine, image).map(({ words }) => words));
  return words[0] ?? 'every step is asked first';
}

function dismiss(scene: Scene, engines: readonly ObservedContainer[]): Step[] {
  return engines.map((container) => {
    const drift = driftOf(scene, container);
    return {
      kind: 'removeContainer',
      target: container.name,
      id: container.id,
      cause: dismissWords(scene, container),
      ...(drift === undefined ? {} : { drift }),
    };
  });
}

/** Its image and its port change with the manifest; the rest is as it was applied, or somebody changed it. */
function driftOf({ input, image, template }: Scene, container: ObservedContainer): DriftKind | undefined {
  const { image: name, publish } = container.config;
  const isApplied =
    container.specHash === input.policy.digest && input.memory.applied.includes(template.name);
  return isApplied
    ? recreateDrift(differences({ ...template, image: name, publish }, container, image))
    : undefined;
}

function dismissWords(scene: Scene, container: ObservedContainer): string {
  const { input } = scene;
  if (container.specHash !== input.policy.digest)
    return hasOtherSet(input)(container) ? 'it decides by another policy set' : FILLED_BEFORE;
  return scene.interims.includes(container)
    ? `it was needed until ${scene.template.name} answers`
    : `it is a second policy engine: ${replaceWords(scene, [container])}`;
}
