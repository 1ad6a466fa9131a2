/** A status with newer answers of the policies in it. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { Answer } from '../../reconcilers/policy/answer.js';
import { policyStatus } from '../../reconcilers/report/status-of.js';
import type { PolicyStatus, StatusDocument } from './status-document.js';

/** The time of an answer is kept while the answer stays the same; of many to one question a denial is shown. */
export function withAnswers(status: StatusDocument, answers: readonly Answer[], now: Date): StatusDocument {
  const known = new Map<string, PolicyStatus>(status.policies.map((policy) => [keyOf(policy), policy]));
  const denialsLast = [...answers].sort((a, b) => Number(b.allow) - Number(a.allow));
  for (const answer of new Map(denialsLast.map((one) => [keyOf(one), one])).values()) {
    const before = known.get(keyOf(answer));
    const after = policyStatus({ ...answer, checkedAt: before?.checkedAt ?? now.toISOString() });
    const isSame = before !== undefined && isDeepStrictEqual({ ...before }, { ...after });
    known.set(keyOf(answer), isSame ? before : { ...after, checkedAt: now.toISOString() });
  }
  const policies = [...known.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return { ...status, policies };
}

function keyOf({ domain, question }: Pick<Answer, 'domain' | 'question'>): string {
  return `${domain}/${question}`;
}
