/** Results as lines for people (✔ ✘ ! -), and as one JSON document (schema/checks.schema.json). Pure. */
import { indented, type Paint } from '../basics/talk.js';
import { worst, type CheckResult, type Finding, type Result } from './finding.js';

export interface ChecksDocument {
  readonly apiVersion: 'swiftdeploy/v1';
  readonly kind: 'Checks';
  /** `plan` and `render` print this for a manifest that is refused, instead of their own. */
  readonly command: 'validate' | 'doctor' | 'plan' | 'render';
  /** The worst of all. */
  readonly result: Result;
  readonly checks: readonly CheckResult[];
}

export function checksDocument(
  command: ChecksDocument['command'],
  checks: readonly CheckResult[],
): ChecksDocument {
  return { apiVersion: 'swiftdeploy/v1', kind: 'Checks', command, result: worst(checks), checks };
}

/** `width`: of the longest name. What is well needs no more than its line. */
export function checkLines(check: CheckResult, width: number, paint: Paint): string {
  const found = indented(check.found, '    ').trimStart();
  const head = `${mark(check.result, paint)} ${check.name.padEnd(width)}  ${found}`;
  const items = (check.items ?? []).filter(({ result }) => result === 'warn' || result === 'fail');
  return [head, ...cureLines(check, '  ', paint), ...items.flatMap((item) => itemLines(item, paint))].join(
    '\n',
  );
}

export function nameWidth(checks: readonly { readonly name: string }[]): number {
  return Math.max(...checks.map(({ name }) => name.length));
}

/** `2 of 9 checks failed, 1 warning`. */
export function summaryLine(checks: readonly CheckResult[], paint: Paint): string {
  const count = (wanted: Result) => checks.filter(({ result }) => result === wanted).length;
  const [failed, warned, left] = [count('fail'), count('warn'), count('skipped')];
  const notes = [
    ...(warned === 0 ? [] : [`${String(warned)} warning${warned === 1 ? '' : 's'}`]),
    ...(left === 0 ? [] : [`${String(left)} not checked`]),
  ].map((note) => `, ${note}`);
  const all = String(checks.length);
  const verdict =
    failed === 0 ? `nothing failed in ${all} checks` : `${String(failed)} of ${all} checks failed`;
  if (failed === 0 && notes.length === 0) return `${mark('ok', paint)} all ${all} checks passed`;
  return `${mark(failed === 0 ? 'ok' : 'fail', paint)} ${verdict}${notes.join('')}`;
}

function itemLines(item: Finding, paint: Paint): string[] {
  const text = indented(item.found, '      ').trimStart();
  return [`    ${mark(item.result, paint)} ${text}`, ...cureLines(item, '      ', paint)];
}

function cureLines({ cure }: Finding, indent: string, paint: Paint): string[] {
  return cure === undefined ? [] : [`${indent}${paint('cyan', '→')} ${cure}`];
}

function mark(result: Result, paint: Paint): string {
  switch (result) {
    case 'ok':
      return paint('green', '✔');
    case 'warn':
      return paint('yellow', '!');
    case 'fail':
      return paint('red', '✘');
    case 'skipped':
      return paint('dim', '-');
  }
}
