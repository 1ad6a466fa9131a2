/** The gate of a plan: the stack's own policy engine, or who stands in for it, asked once per step; nobody where neither is to be had. */
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { ObservedContainer, World } from '../../reconcilers/observed/world.js';
import type { Step } from '../../reconcilers/plan/steps.js';
import type { PolicyRuntime } from '../../reconcilers/plan/templates.js';
import type { Decision } from '../../reconcilers/policy/gate.js';
import type { StackGate } from '../../reconcilers/policy/stack-gate.js';
import type { TickParts } from '../../reconcilers/tick.js';

/** Nobody was asked: the plan goes on as if it were allowed, and says so. */
const UNASKED: Decision = { allow: true, answers: [], silent: false };

/** One that answers, and was made of exactly these policies. */
export function whoCanBeAsked(
  { policyEngines, containers }: World,
  { digest }: PolicyRuntime,
): ObservedContainer | undefined {
  return containers.find(({ id, specHash }) => specHash === digest && policyEngines.get(id)?.ready === true);
}

/** `prepared`: makes `gate` ready to be asked; false: nobody can be. */
export function planGate(gate: StackGate, prepared: () => Promise<boolean>): TickParts['gate'] {
  const asked = new Map<string, Promise<Decision>>();
  return {
    measureHost: () => undefined,
    prepare: () => undefined,
    ask: async (stack: StackSpec, step: Step, signal: AbortSignal) => {
      if (!(await prepared())) return UNASKED;
      const key = JSON.stringify([step.kind, step.target, step.cause, step.gate]);
      const known = asked.get(key) ?? gate.ask(stack, step, signal);
      asked.set(key, known);
      return known;
    },
  };
}
