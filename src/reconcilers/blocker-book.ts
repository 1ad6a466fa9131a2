/**
 * What only trying can tell: a name or a port that somebody else has, an image that cannot be pulled, and whatever keeps the policy
 * engine from being there. It is remembered between two tries, so that a condition does not flicker, and forgotten when it is in
 * nobody's way any more.
 */
import type { FailedStep, StepResult } from './apply/apply.js';
import { ForeignClaim, ImageUnavailable } from './docker/engine-errors.js';
import type { World } from './observed/world.js';
import type { Finding } from './plan/plan-input.js';
import type { Plan } from './plan/plan.js';
import type { Step } from './plan/steps.js';
import { failureWords } from './report/failure-words.js';

export class BlockerBook {
  /** By the target of the step that failed. */
  private readonly blockers = new Map<string, Finding>();

  note(results: readonly StepResult[], now: { readonly world?: World; readonly plan?: Plan }): void {
    for (const [target, { kind }] of this.blockers)
      if (isGone(target, kind, now)) this.blockers.delete(target);
    for (const result of results) {
      const finding = result.kind === 'failed' ? blockerOf(result, now.plan) : undefined;
      if (finding !== undefined) this.blockers.set(result.step.target, finding);
    }
  }

  findings(): readonly Finding[] {
    return [...this.blockers.values()];
  }
}

function blockerOf(result: FailedStep, plan: Plan | undefined): Finding | undefined {
  const { target } = result.step;
  const refusal = refusalOf(result.error, target);
  if (plan?.deciding.includes(target) !== true) return refusal;
  return { ...(refusal ?? { kind: 'step', target, message: failureWords(result) }), ofPolicyEngine: true };
}

function refusalOf(error: unknown, target: string): Finding | undefined {
  if (error instanceof ForeignClaim)
    return { kind: 'foreign', target: error.claimed, message: error.message };
  return error instanceof ImageUnavailable ? { kind: 'image', target, message: error.message } : undefined;
}

function isGone(
  target: string,
  kind: Finding['kind'],
  { world, plan }: { readonly world?: World; readonly plan?: Plan },
): boolean {
  if (world === undefined || plan === undefined) return false;
  if (kind === 'image')
    return !plan.chains.flat().some((step) => step.kind === 'pullImage' && step.target === target);
  if (plan.chains.flat().some((step) => step.target === target && needsPorts(step))) return false;
  const isUp = world.containers.some(({ name, state }) => name === target && state === 'running');
  return isUp || !plan.wanted.includes(target);
}

/** What is up stays up while its successor's port is in use. */
function needsPorts(step: Step): boolean {
  return step.kind === 'removeContainer' && step.needs !== undefined;
}
