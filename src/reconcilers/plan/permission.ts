/** What may be applied while not everybody who decides is there yet. Pure. */
import type { ObservedPolicyEngine } from '../observed/world.js';
import { STARTUP_MS } from './plan-infrastructure.js';
import type { PlanInput } from './plan-input.js';
import type { PolicyPlan } from './plan-policy-engine.js';
import { policyDecider } from './policy-decider.js';
import type { Chain, StepGate } from './steps.js';

/** For so long a policy engine that was just started is looked at before its silence is taken for an answer. */
const POLICY_START_MS = 5000;
/** Until then it is looked at so often. */
export const POLICY_POLL_MS = 25;

/** Whose policies decide: the wanted ones, those that they replace, or nobody's. */
export type Decider = 'these' | 'the ones before' | 'nobody';

export function whoDecides(input: PlanInput): Decider {
  const decider = policyDecider(input);
  if (decider === undefined) return 'nobody';
  const isWanted = decider.specHash === input.policy.digest && input.policiesOnTrial !== true;
  return isWanted ? 'these' : 'the ones before';
}

/** While policies are tried or their engine starts, what is new waits for them: it is not for policies that are about to leave. */
export function permitted(chains: readonly Chain[], decider: Decider): readonly Chain[] {
  if (decider === 'these') return chains;
  return chains.filter(([first]) => isPermitted(first?.gate, decider));
}

/** What needs no permission, or cannot be refused by silence; and what keeps the stack as it was, where somebody can be asked. */
function isPermitted(gate: StepGate | undefined, decider: Decider): boolean {
  if (gate === undefined || gate.direction === 'back') return true;
  return decider === 'the ones before' && ['heal', 'remove'].includes(gate.question);
}

/** It was just started, or is about to be: its silence is no answer yet. */
export function policyStarting(input: PlanInput, { chains, slot }: PolicyPlan): boolean {
  const steps = chains.flat();
  if (steps.length > 0) return !steps.some(({ target }) => input.failing.has(target));
  const { id = '', startedAt } = slot?.container ?? {};
  const engine = input.world.policyEngines.get(id);
  if (engine?.ready === true || startedAt === undefined) return false;
  return input.now - lookedAtSince(startedAt, engine) < POLICY_START_MS;
}

/** On a busy host the first look comes long after the start; not of one that runs on since who knows when. */
function lookedAtSince(startedAt: number, engine: ObservedPolicyEngine | undefined): number {
  const { silentSince = startedAt, wasReady = false } = engine ?? {};
  const isFirstLook = !wasReady && silentSince > startedAt && silentSince - startedAt < STARTUP_MS;
  return isFirstLook ? silentSince : startedAt;
}
