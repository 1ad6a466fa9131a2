/** OPA's own trace of one evaluation (`opa eval --format=pretty --explain=full`): its lines, and the rules that fired. Pure. */
import { BUNDLE_DIR } from './policy-bundle.js';
import type { PolicySet } from './policy-set.js';

/** A rule that had a value. */
export interface FiredRule {
  /** Its name inside the package. */
  readonly rule: string;
  /** Path inside the policy folder. */
  readonly file: string;
  /** Of its head, from 1. */
  readonly row: number;
  /** It is the default: no other rule of the name had a value. */
  readonly isDefault: boolean;
}

/** Without the answer that ends it; paths inside the policy folder, the values of each line's variables behind it. */
export function traceLines(output: string): readonly string[] {
  return output
    .split('\n')
    .filter((line) => EVENT.test(line))
    .map((line) =>
      line
        .replace(PREFIX, '')
        .replace(/ +\{\}$/, '')
        .replace(/ {2,}(\{.*\})$/, '  $1')
        .trimEnd(),
    );
}

const EVENT = /^\S.*:\d+ +(?:\| )*(?:Enter|Eval|Exit|Fail|Index|Note|Redo|Save|Unify|Wasm|Duplicate) /;
const PREFIX = new RegExp(`^${BUNDLE_DIR}/`);
const EXIT = /^(.+?):(\d+) +(?:\| )*Exit data\.(?:[^\s.]+\.)*([^\s.]+)(?: early)?(?: {2}\{.*\})?$/;

/** `trace`: as `traceLines` gives it. Each once, in the order of their first firing. */
export function firedRules(trace: readonly string[], { files }: PolicySet): readonly FiredRule[] {
  const sources = new Map(files.map(({ path, content }) => [path, content.toString('utf8').split('\n')]));
  const fired = new Map<string, FiredRule>();
  for (const line of trace) {
    const [, file = '', row = '', rule = ''] = EXIT.exec(line) ?? [];
    const head = sources.get(file)?.[Number(row) - 1];
    // The inner question of a `not` exits under the rule's name too, at its own row.
    if (head === undefined || !isHead(head, rule) || fired.has(`${file}:${row}`)) continue;
    fired.set(`${file}:${row}`, { rule, file, row: Number(row), isDefault: head.startsWith('default ') });
  }
  return [...fired.values()];
}

function isHead(line: string, rule: string): boolean {
  const head = line.replace(/^default\s+/, '');
  return /^\}?\s*else\b/.test(head) || (head.startsWith(rule) && !/^\w/.test(head.slice(rule.length)));
}
