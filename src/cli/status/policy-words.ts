/** The last answer to each question: PASS or FAIL, and for a refusal each value beside its limit; and what the policies warn of. Pure. */
import { ageWords } from '../basics/age-words.js';
import type { Paint } from '../basics/talk.js';
import type { Conditions } from './state-words.js';
import type { PolicyStatus } from './status-document.js';

/** One line per answer, one more per reason of a refusal. */
export function answerLines(policy: PolicyStatus, now: number, paint: Paint): string[] {
  const { domain, question, allow, reasons, checkedAt, outdated = false } = policy;
  const mark = allow ? paint(outdated ? 'dim' : 'green', 'PASS') : paint('red', 'FAIL');
  const age = checkedAt === undefined ? '' : paint('dim', ` ${ageWords(checkedAt, now)}`);
  const whose = outdated ? ', by policies that were replaced since' : '';
  const complaints = allow ? [] : reasons.map(({ message }) => `       ! ${message}`);
  return [`  ${mark} ${domain} (${question})${age}${paint('dim', whose)}`, ...complaints];
}

/** The warnings in force, whatever was asked last. */
export function warningLines(conditions: Conditions, paint: Paint): string[] {
  const allowed = conditions.find(({ type }) => type === 'PolicyAllowed');
  if (allowed?.reason !== 'AllowedWithWarnings') return [];
  return allowed.message.split('\n').map((warning) => `  ${paint('yellow', 'warning')}: ${warning}`);
}
