/**
 * Which image a policy engine is made of, and who is asked about it. Another judge is let in by the one that decides: one that is
 * lost, and one of other policies, are made of what decided last. Pure.
 */
import type { ObservedImage, World } from '../observed/world.js';
import { fixedPorts, type ContainerTemplate } from './container-template.js';
import type { PolicyEngineMemory } from './memory.js';
import { containerPart } from './plan-infrastructure.js';
import type { PlanInput } from './plan-input.js';
import { policyDecider, policyEngines } from './policy-decider.js';
import type { StepGate } from './steps.js';

/** For the notes. */
export function policyEngineMemory(input: PlanInput): PolicyEngineMemory | undefined {
  const decider = policyDecider(input);
  if (decider === undefined) return input.memory.policyEngine;
  const { image, imageId } = decider.config;
  return { image, imageId };
}

/** The wish; until an engine of these policies decides at its place and alone, of the image that decided last. Where that one is gone, whatever there is has to do. */
export function withPolicyImage(input: PlanInput): PlanInput {
  const { stack, world } = input;
  const last = policyEngineMemory(input);
  if (last === undefined || isSettled(input) || !world.images.has(last.imageId)) return input;
  const image = referenceOf(last, world);
  return { ...input, stack: { ...stack, policyEngine: { ...stack.policyEngine, image } } };
}

function isSettled(input: PlanInput): boolean {
  const decider = policyDecider(input);
  if (decider?.specHash !== input.policy.digest || fixedPorts(decider.config).length === 0) return false;
  const { image, imageId } = decider.config;
  return policyEngines(input).every(
    ({ id, config }) => id === decider.id || config.image !== image || config.imageId !== imageId,
  );
}

/** Its name while that is the same build still. */
function referenceOf({ image, imageId }: PolicyEngineMemory, { images }: World): string {
  return images.get(image)?.id === imageId ? image : imageId;
}

/** Absent where nobody decides, or what decides is of the same build. */
export function policyGate(
  input: PlanInput,
  template: ContainerTemplate,
  image: ObservedImage,
): StepGate | undefined {
  const decider = policyDecider(input);
  if (decider === undefined || decider.config.imageId === image.id) return undefined;
  return { question: 'replace', direction: 'forward', part: containerPart(template) };
}
