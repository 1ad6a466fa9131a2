/** A decision as the history keeps it: who answered, under which name, by which policies, how fast. Pure. */
import type { Answer } from './answer.js';

export interface DecisionNote {
  /** SHA-256 of the policy set. */
  readonly revision?: string;
  readonly opa_version?: string;
  /** In the order asked. */
  readonly answers: readonly AnswerNote[];
}

export interface AnswerNote {
  readonly domain: string;
  readonly question: string;
  readonly allow: boolean;
  /** OPA's own name of the answer. */
  readonly decision_id?: string;
  readonly evaluation_ms?: number;
}

/** What nobody answered has no name and took no time. */
export function decisionNote(answers: readonly Answer[]): DecisionNote {
  const revision = answers.find((answer) => answer.revision !== undefined)?.revision;
  const version = answers.find(({ opaVersion }) => opaVersion !== undefined)?.opaVersion;
  return {
    ...(revision === undefined ? {} : { revision }),
    ...(version === undefined ? {} : { opa_version: version }),
    answers: answers.map(answerNote),
  };
}

function answerNote({ domain, question, allow, decisionId, evaluationMs }: Answer): AnswerNote {
  return {
    domain,
    question,
    allow,
    ...(decisionId === undefined ? {} : { decision_id: decisionId }),
    ...(evaluationMs === undefined ? {} : { evaluation_ms: Number(evaluationMs.toFixed(3)) }),
  };
}
