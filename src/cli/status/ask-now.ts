/** What the policies would say now if somebody deployed, or promoted the canary: asked only to be shown, nothing is done. */
import { join } from 'node:path';
import type { ServiceSpec, StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { Judgement } from '../../reconcilers/judge/judgement.js';
import type { World } from '../../reconcilers/observed/world.js';
import { gateService } from '../../reconcilers/plan/service-slots.js';
import type { Step } from '../../reconcilers/plan/steps.js';
import type { Answer } from '../../reconcilers/policy/answer.js';
import { readPolicySet } from '../../reconcilers/policy/policy-set.js';
import type { OpenStack } from '../loop/open-stack.js';
import { whoCanBeAsked } from '../plan/plan-gate.js';

export interface AskNowOptions {
  readonly stack: StackSpec;
  readonly world: World;
  readonly stateDir: string;
  readonly signal: AbortSignal;
}

export interface AskedNow {
  /** By service; empty where no policy set is known to decide. */
  readonly answers: ReadonlyMap<string, readonly Answer[]>;
  /** Of live canaries. */
  readonly judgements: readonly Judgement[];
}

const NOBODY: AskedNow = { answers: new Map(), judgements: [] };

export async function askNow(
  open: OpenStack,
  { stack, world, stateDir, signal }: AskNowOptions,
): Promise<AskedNow> {
  const { parts, state } = open;
  const { policyRevision } = state;
  if (policyRevision === undefined) return NOBODY;
  const policies = await readPolicySet(join(stateDir, 'policies', policyRevision)).catch(() => undefined);
  if (policies === undefined) return NOBODY;
  parts.gate.measureHost();
  parts.gate.prepare(stack, policies, whoCanBeAsked(world, parts.serve(policies)));
  const sight = { stack, memory: state.memory, world, policies, now: Date.now() };
  const judgements = await parts.judge.look(sight, signal);
  const asked = stack.services.map(async (service) => {
    const { answers } = await parts.gate.ask(stack, questionOf(service), signal);
    const looked = judgements.find((one) => one.service === service.name)?.decision.answers ?? [];
    return [service.name, [...answers.filter((answer) => !isJudgedBy(answer, looked)), ...looked]] as const;
  });
  return { answers: new Map(await Promise.all(asked)), judgements };
}

/** Who judges the canary says more by that than by its word on a promotion that nobody asked for. */
function isJudgedBy({ domain }: Answer, looked: readonly Answer[]): boolean {
  return looked.some((answer) => answer.domain === domain);
}

function questionOf(spec: ServiceSpec): Step {
  const { name, mode, container } = spec;
  const question = mode === 'canary' ? 'promote' : 'deploy';
  return {
    kind: 'startContainer',
    again: false,
    target: name,
    cause: `somebody asks whether ${name} ${container.version} may be ${mode === 'canary' ? 'promoted' : 'deployed'} now`,
    gate: { question, direction: 'forward', service: gateService(spec, 'stable') },
  };
}
