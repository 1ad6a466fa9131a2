/** The words of the gate: what a policy answers, and the eleven ways in which it can fail to. Types and sentences only. */

/** One rule that spoke, with what it saw and what it wanted. */
export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly observed?: unknown;
  readonly limit?: unknown;
}

/** One value that the policy looked at, and the limit that it was held against. */
export interface Check {
  readonly fact: string;
  readonly observed: string | number | boolean;
  readonly limit?: string | number | boolean;
}

/** What a policy says of a live canary. */
export const VERDICTS = ['advance', 'hold', 'rollback', 'inconclusive'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Why there is no answer that can be believed; each denies. */
export type OpaFailureCode =
  | 'OPA_UNREACHABLE'
  | 'OPA_TIMEOUT'
  | 'OPA_UNAUTHORIZED'
  | 'OPA_BAD_REQUEST'
  | 'OPA_EVAL_ERROR'
  | 'OPA_NOT_JSON'
  | 'OPA_UNDEFINED'
  | 'OPA_MALFORMED'
  | 'OPA_WRONG_DOMAIN'
  | 'OPA_STALE_POLICY'
  | 'OPA_TOO_LARGE';

/** One domain's answer to one question; `code` is present exactly when no working policy answered. */
export interface Answer {
  readonly domain: string;
  readonly question: string;
  readonly allow: boolean;
  /** Never empty when denied. */
  readonly reasons: readonly Reason[];
  /** What people should know of, and what blocks nothing; never empty. */
  readonly warnings?: readonly Reason[];
  /** What was looked at, where the policy says it. */
  readonly checked?: readonly Check[];
  /** Revision of the policy set that answered. */
  readonly revision?: string;
  readonly verdict?: Verdict;
  readonly code?: OpaFailureCode;
  /** OPA's own name of this answer. */
  readonly decisionId?: string;
  readonly opaVersion?: string;
  /** How long the policy itself took, as OPA measured it. */
  readonly evaluationMs?: number;
  /** Of the whole question. */
  readonly durationMs: number;
}

/** What went wrong, before it is made an answer; `detail` completes the code's sentence. */
export interface OpaFailure {
  readonly code: OpaFailureCode;
  readonly detail: string;
  /** What the policy's author writes instead; absent where it is not the policy that failed. */
  readonly cure?: string;
}

const SENTENCES = {
  OPA_UNREACHABLE: 'OPA cannot be reached',
  OPA_TIMEOUT: 'OPA did not answer in time',
  OPA_UNAUTHORIZED: 'OPA refused our token',
  OPA_BAD_REQUEST: 'the question could not be put to OPA',
  OPA_EVAL_ERROR: 'OPA failed while it evaluated the policy',
  OPA_NOT_JSON: 'OPA answered something that is not JSON',
  OPA_UNDEFINED: 'no policy answers this question',
  OPA_MALFORMED: 'the policy answered in a form that decides nothing',
  OPA_WRONG_DOMAIN: 'the policy answered another question than the one asked',
  OPA_STALE_POLICY: 'OPA decides by another revision of the policies',
  OPA_TOO_LARGE: 'OPA answered more than is read',
} as const satisfies Record<OpaFailureCode, string>;

export function isFailureCode(word: string): word is OpaFailureCode {
  return Object.hasOwn(SENTENCES, word);
}

/** The one sentence that people read about a failure. */
export function failureSentence(failure: OpaFailure): string {
  return `${SENTENCES[failure.code]}: ${failure.detail}`;
}

/** The denial that stands in for an answer that never came. */
export function failedAnswer(
  asked: { readonly domain: string; readonly question: string },
  failure: OpaFailure,
  durationMs: number,
): Answer {
  const { domain, question } = asked;
  const reason = { code: failure.code, message: failureSentence(failure) };
  return { domain, question, allow: false, reasons: [reason], code: failure.code, durationMs };
}
