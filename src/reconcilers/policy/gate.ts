/** Puts one question to every domain and adds the answers up: all must allow, and nobody to ask is a denial. */
import type { Question } from '../plan/steps.js';
import { failedAnswer, type Answer, type Verdict } from './answer.js';
import type { OpaClient } from './opa-client.js';
import type { Overridden, OverrideRequest } from './override.js';
import { policyInput, type GateFacts } from './policy-input.js';
import type { Domain } from './policy-set.js';
import { unknownDomains } from './unknown-domains.js';

/** The gate's word on one step. */
export interface Decision {
  readonly allow: boolean;
  /** One for each domain, in the order asked; never empty. */
  readonly answers: readonly Answer[];
  /** Denied, but by no working policy: every denial is a failure to answer. */
  readonly silent: boolean;
  /** What becomes of a live canary; present for the question `analyse` alone. */
  readonly verdict?: Verdict;
  /** Set when it allows only because a person asked for it, and the policies let them. */
  readonly overridden?: Overridden;
  /** Set when a person asked for it, and the policies did not let them: the answers to the question `override` say why. */
  readonly refused?: OverrideRequest;
}

/** `back`: traffic to the last good version, or the removal of a failed one. */
export type Direction = 'forward' | 'back';

/** Asks every domain that wants the question, all at once; never throws. */
export async function askAll(
  client: Pick<OpaClient, 'ask'>,
  domains: readonly Domain[],
  facts: GateFacts,
  signal?: AbortSignal,
): Promise<Decision> {
  const { question } = facts;
  const asked = domains.filter(({ questions }) => questions.includes(question));
  if (asked.length === 0) return decide(question, [nobodyToAsk(question, domains)]);
  const answers = asked.map(({ name }) => client.ask(name, policyInput(name, facts), signal));
  return decide(question, [...(await Promise.all(answers)), ...limitedByNobody(facts, domains)]);
}

/** Law 4: forward only on an allow; back also when nobody could answer, but never against a policy that works. */
export function mayProceed(decision: Decision, direction: Direction): boolean {
  return decision.allow || (direction === 'back' && decision.silent);
}

function decide(question: Question, answers: readonly Answer[]): Decision {
  const denials = answers.filter((answer) => !answer.allow);
  const allow = denials.length === 0;
  const silent = !allow && denials.every((answer) => answer.code !== undefined);
  return { allow, answers, silent, ...(question === 'analyse' ? { verdict: verdictOf(answers) } : {}) };
}

/** The most careful word counts: one that sees harm is enough, and all must see health. */
function verdictOf(answers: readonly Answer[]): Verdict {
  const words = answers.map(wordOf);
  const careful = (['rollback', 'hold', 'inconclusive'] as const).find((word) => words.includes(word));
  return careful ?? 'advance';
}

/** Policies of older tools say yes or no; silence, and a yes that is denied, move nothing. */
function wordOf({ allow, verdict, code }: Answer): Verdict {
  if (code !== undefined) return 'hold';
  if (verdict !== undefined && (allow || verdict !== 'advance')) return verdict;
  return allow ? 'advance' : 'hold';
}

function nobodyToAsk(question: Question, domains: readonly Domain[]): Answer {
  const detail =
    domains.length === 0
      ? 'the policy folder has no domain (a folder with a .rego file)'
      : `no domain declares the question ${question} in its METADATA${question === 'override' ? ', so nothing can be overruled' : ''}`;
  return failedAnswer({ domain: 'policies', question }, { code: 'OPA_UNDEFINED', detail }, 0);
}

/** A threshold that is asked for and that nobody knows must not be taken for one that is kept. */
function limitedByNobody({ question, limits }: GateFacts, domains: readonly Domain[]): readonly Answer[] {
  const names = domains.map(({ name }) => name);
  return unknownDomains(limits, names).map(({ domain, sentence }) =>
    failedAnswer({ domain, question }, { code: 'OPA_UNDEFINED', detail: sentence }, 0),
  );
}
