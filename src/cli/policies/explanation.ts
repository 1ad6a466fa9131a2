/** One question to one domain, explained, as data: what `policies explain -o json` prints (schema/policy-explanation.schema.json). Pure. */
import { failedAnswer, type Answer, type OpaFailure } from '../../reconcilers/policy/answer.js';
import type { Asking, Explained } from '../../reconcilers/policy/explain-decision.js';
import type { Domain, PolicySet } from '../../reconcilers/policy/policy-set.js';
import type { Believed } from '../../reconcilers/policy/read-answer.js';
import type { FiredRule } from '../../reconcilers/policy/read-trace.js';

export interface PolicyExplanation {
  readonly apiVersion: 'swiftdeploy/v1';
  readonly kind: 'PolicyExplanation';
  readonly dir: string;
  readonly revision: string;
  readonly domain: string;
  readonly question: string;
  /** The domain wants this question; a controller puts it no other. */
  readonly asked: boolean;
  readonly input: unknown;
  /** `code`: the gate would not believe it, and deny. */
  readonly answer: Pick<Answer, 'allow' | 'reasons' | 'warnings' | 'checked' | 'verdict' | 'code'>;
  /** In the order in which they fired. */
  readonly fired: readonly FiredRule[];
  readonly trace?: readonly string[];
  readonly notes: readonly string[];
}

export interface NotedAsking extends Asking {
  readonly notes: readonly string[];
}

export interface ExplanationFacts {
  readonly dir: string;
  readonly set: PolicySet;
  readonly domain: Domain;
  readonly asking: NotedAsking;
  readonly explained: Explained;
  /** It is wanted. */
  readonly trace: boolean;
}

export function explanationDocument(facts: ExplanationFacts): PolicyExplanation {
  const { dir, set, domain, asking, explained } = facts;
  const { question, input } = asking;
  const asked = domain.questions.some((wanted) => wanted === question);
  const notAsked = `a controller does not put this question to ${domain.name}, which is asked ${domain.questions.join(', ')}`;
  return {
    apiVersion: 'swiftdeploy/v1',
    kind: 'PolicyExplanation',
    dir,
    revision: set.revision,
    domain: domain.name,
    question,
    asked,
    input,
    answer: answerOf(explained.outcome, asking),
    fired: explained.fired,
    ...(facts.trace ? { trace: explained.trace } : {}),
    notes: [...(asked ? [] : [notAsked]), ...asking.notes],
  };
}

function answerOf(outcome: Believed | OpaFailure, asking: Asking): PolicyExplanation['answer'] {
  if ('detail' in outcome) {
    const { allow, reasons, code } = failedAnswer(asking, outcome, 0);
    return { allow, reasons, ...(code === undefined ? {} : { code }) };
  }
  const { allow, reasons, warnings, checked, verdict } = outcome;
  return {
    allow,
    reasons,
    ...(warnings === undefined ? {} : { warnings }),
    ...(checked === undefined ? {} : { checked }),
    ...(verdict === undefined ? {} : { verdict }),
  };
}
