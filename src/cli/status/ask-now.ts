/** What the policies would say now if somebody deployed, or promoted the canary: asked only to be shown, nothing is done. */
import { join } from 'node:path';
import type { ServiceSpec, StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { Step } from '../../reconcilers/plan/steps.js';
import type { Answer } from '../../reconcilers/policy/answer.js';
import { readPolicySet } from '../../reconcilers/policy/policy-set.js';
import type { OpenStack } from '../loop/open-stack.js';

export interface AskNowOptions {
  readonly stateDir: string;
  readonly signal: AbortSignal;
}

/** By service; empty where no policy set is known to decide. */
export async function askNow(
  { parts, state }: OpenStack,
  stack: StackSpec,
  { stateDir, signal }: AskNowOptions,
): Promise<ReadonlyMap<string, readonly Answer[]>> {
  const { policyRevision } = state;
  if (policyRevision === undefined) return new Map();
  const set = await readPolicySet(join(stateDir, 'policies', policyRevision)).catch(() => undefined);
  if (set === undefined) return new Map();
  parts.gate.measureHost();
  parts.gate.prepare(stack, set);
  const asked = stack.services.map(async (service) => {
    const { answers } = await parts.gate.ask(stack, questionOf(service), signal);
    return [service.name, answers] as const;
  });
  return new Map(await Promise.all(asked));
}

function questionOf({ name, mode, container: { version, image } }: ServiceSpec): Step {
  const question = mode === 'canary' ? 'promote' : 'deploy';
  return {
    kind: 'startContainer',
    again: false,
    target: name,
    cause: `somebody asks whether ${name} ${version} may be ${mode === 'canary' ? 'promoted' : 'deployed'} now`,
    gate: { question, direction: 'forward', service: { name, track: 'stable', version, image } },
  };
}
