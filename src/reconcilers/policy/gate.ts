/** Puts one question to every domain and adds the answers up: all must allow, and nobody to ask is a denial. */
import { failedAnswer, type Answer } from './answer.js';
import type { OpaClient } from './opa-client.js';
import { policyInput, type GateFacts } from './policy-input.js';

/** The gate's word on one step. */
export interface Decision {
  readonly allow: boolean;
  /** One for each domain, in the order asked; never empty. */
  readonly answers: readonly Answer[];
  /** Denied, but by no working policy: every denial is a failure to answer. */
  readonly silent: boolean;
}

/** `back`: traffic to the last good version, or the removal of a failed one. */
export type Direction = 'forward' | 'back';

/** Asks all domains at once; never throws. */
export async function askAll(
  client: Pick<OpaClient, 'ask'>,
  domains: readonly string[],
  facts: GateFacts,
  signal?: AbortSignal,
): Promise<Decision> {
  if (domains.length === 0) return decide([nobodyToAsk(facts)]);
  return decide(await Promise.all(domains.map((name) => client.ask(name, policyInput(name, facts), signal))));
}

/** Law 4: forward only on an allow; back also when nobody could answer, but never against a policy that works. */
export function mayProceed(decision: Decision, direction: Direction): boolean {
  return decision.allow || (direction === 'back' && decision.silent);
}

function decide(answers: readonly Answer[]): Decision {
  const denials = answers.filter((answer) => !answer.allow);
  const allow = denials.length === 0;
  return { allow, answers, silent: !allow && denials.every((answer) => answer.code !== undefined) };
}

function nobodyToAsk({ question }: GateFacts): Answer {
  const failure = {
    code: 'OPA_UNDEFINED',
    detail: 'the policy folder has no domain (a folder with a .rego file)',
  } as const;
  return failedAnswer({ domain: '', question }, failure, 0);
}
