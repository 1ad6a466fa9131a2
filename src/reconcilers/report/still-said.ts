/** What of earlier answers holds under the policies that decide now. Pure. */
import type { Answer } from '../policy/answer.js';
import type { PolicySet } from '../policy/policy-set.js';

/** A refusal is its own set's alone; what was allowed stays the last answer while somebody is asked that question. */
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
