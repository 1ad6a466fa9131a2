/** One question to one domain, explained to a person: what went in, what came out, by which rules. Pure. */
import type { Reason } from '../../reconcilers/policy/answer.js';
import { table } from '../basics/table.js';
import { indented, type Paint } from '../basics/talk.js';
import type { PolicyExplanation } from './explanation.js';

/** Several lines. */
export function explanationPage(document: PolicyExplanation, paint: Paint): string {
  const { domain, question, dir, revision, input, trace, notes } = document;
  const head = `${paint('bold', domain)}, asked ${paint('bold', question)}, by ${dir} as it is now (revision ${revision.slice(0, 12)})`;
  const sections = [
    [head],
    [paint('bold', 'input'), indented(JSON.stringify(input, undefined, 2), '  ')],
    answerLines(document, paint),
    checkedLines(document, paint),
    firedLines(document, paint),
    trace === undefined ? [] : [paint('bold', 'trace'), ...trace.map((line) => `  ${line}`)],
    notes.map((note) => `${paint('yellow', '!')} ${note}`),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function answerLines({ answer }: PolicyExplanation, paint: Paint): readonly string[] {
  const { allow, verdict, reasons, warnings = [] } = answer;
  const word = allow ? paint('green', '✔ allowed') : paint('red', '✘ denied');
  return [
    `${paint('bold', 'answer')}  ${word}${verdict === undefined ? '' : `, verdict ${paint('bold', verdict)}`}`,
    ...reasons.map((reason) => `  ${reasonWords(reason, paint)}`),
    ...warnings.map((warning) => `  ${paint('yellow', '!')} ${reasonWords(warning, paint)}`),
  ];
}

/** Texts of older tools have no code of their own. */
function reasonWords({ code, message }: Reason, paint: Paint): string {
  return code === TEXT_CODE ? message : `${message} ${paint('dim', `(${code})`)}`;
}

const TEXT_CODE = 'policy';

function checkedLines({ answer: { checked = [] } }: PolicyExplanation, paint: Paint): readonly string[] {
  if (checked.length === 0) return [];
  const rows = checked.map(({ fact, observed, limit }) => [
    fact,
    String(observed),
    limit === undefined ? '' : String(limit),
  ]);
  return table(['LOOKED AT', 'OBSERVED', 'LIMIT'], rows, paint);
}

function firedLines({ fired }: PolicyExplanation, paint: Paint): readonly string[] {
  if (fired.length === 0) return [`${paint('bold', 'rules that fired')}  none`];
  const rows = [...fired]
    .sort((a, b) => (a.file === b.file ? a.row - b.row : a.file < b.file ? -1 : 1))
    .map(({ rule, file, row, isDefault }) => [
      `${file}:${String(row)}`,
      isDefault ? `${rule} (its default)` : rule,
    ]);
  return table(['RULES THAT FIRED', ''], rows, paint);
}
