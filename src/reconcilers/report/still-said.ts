/** What of earlier answers holds under the policies that decide now. Pure. */
import type { Answer } from '../policy/answer.js';
import type { PolicySet } from '../policy/policy-set.js';

/** An answer as status tells it. */
export type ToldAnswer = Answer & {
  /** ISO 8601. */
  readonly checkedAt: string;
  /** Other policies decide since. */
  readonly outdated?: true;
};

/** A refusal is its own set's alone; what was allowed stays the last answer, marked, while somebody is asked that question. */
export function isStillSaid(
  { domain, question, allow, revision }: Answer,
  decides: Pick<PolicySet, 'revision' | 'domains'>,
): boolean {
  if (revision === decides.revision) return true;
  return (
    allow &&
    decides.domains.some(
      ({ name, questions }) => name === domain && questions.some((asked) => asked === question),
    )
  );
}

/** `decides`: revision of the policies that decide, where one is known. */
export function marked(answer: ToldAnswer, decides: string | undefined): ToldAnswer {
  const isOlders = decides !== undefined && answer.revision !== undefined && answer.revision !== decides;
  return isOlders ? { ...answer, outdated: true } : answer;
}
