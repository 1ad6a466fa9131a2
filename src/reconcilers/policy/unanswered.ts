/** The questions of a set that none of its domains wants: at the gate, nobody to ask is a denial. Pure. */
import { QUESTIONS, type Question } from '../plan/steps.js';
import type { PolicyProblem } from './check-policies.js';
import type { PolicySet } from './policy-set.js';

/** A set that lets nobody overrule it need not say so. */
const MAY_BE_LEFT_OUT: readonly Question[] = ['override'];

/** None, or one that names them all: it may be meant, so it is no more than a warning. */
export function unansweredQuestions({ domains }: Pick<PolicySet, 'domains'>): readonly PolicyProblem[] {
  const wanted = [...domains.flatMap(({ questions }) => questions), ...MAY_BE_LEFT_OUT];
  const open = QUESTIONS.filter((question) => !wanted.includes(question));
  if (open.length === 0) return [];
  return [
    {
      code: 'nobody_to_ask',
      message: `no domain answers ${open.join(', ')}: nobody to ask is a denial`,
      hint: 'name what a domain answers in its METADATA under `questions`; without it the domain is asked everything but override',
    },
  ];
}
