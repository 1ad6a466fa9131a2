/** What OPA answered to one question, in a line: domain, question, PASS or FAIL, each value with its limit. Pure. */
import type { Answer, Check } from '../../reconcilers/policy/answer.js';
import { indented, type Paint } from '../basics/talk.js';

/** One line; one more per warning, and for a denial one per reason. */
export function answerWords(
  { domain, question, allow, checked = [], reasons, warnings = [] }: Answer,
  paint: Paint,
): string {
  const mark = allow ? paint('green', 'PASS') : paint('red', 'FAIL');
  const values = checked.map(checkWords).join(', ');
  const line = `  ${mark} ${domain || 'policies'} (${question})${values === '' ? '' : `: ${values}`}`;
  const complaints = allow ? [] : reasons.map(({ message }) => indented(message, '       ! '));
  const warned = warnings.map(({ message }) => indented(message, `       ${paint('yellow', 'warning')}: `));
  return [line, ...complaints, ...warned].join('\n');
}

/** Two answers are the same as long as the same rules speak: values move with every look. */
export function answerKind({ allow, reasons }: Answer): string {
  return `${String(allow)} ${reasons
    .map(({ code, message }) => (code === 'policy' ? message : code))
    .sort()
    .join(' ')}`;
}

function checkWords({ fact, observed, limit }: Check): string {
  return `${fact} ${shown(observed)}${limit === undefined ? '' : ` (limit ${shown(limit)})`}`;
}

/** As many digits as a person reads. */
function shown(value: Check['observed']): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value);
}
