/**
 * The throw-away check of a policy set: which commands to run on `policyCheckBundle` inside OPA's own image,
 * and what their output means. Runs nothing itself.
 */
import { whyForbidden } from './capabilities.js';
import { asObject, asText, parseJson } from './json-value.js';
import { BUNDLE_DIR } from './policy-bundle.js';
import type { PolicySet } from './policy-set.js';

/** One thing that is wrong with a policy set; rows and columns count from 1. */
export interface PolicyProblem {
  /** Path inside the policy folder. */
  readonly file?: string;
  readonly row?: number;
  readonly column?: number;
  /** OPA's code, as `rego_parse_error`; `test_failed` for a test, `TEST_TIMEOUT_CODE` for one that did not end in time. */
  readonly code: string;
  readonly message: string;
  /** What to do about it, where that is known. */
  readonly hint?: string;
}

/** What came out of a whole check. */
export interface PolicyCheck {
  /** None exactly when the set may decide. */
  readonly problems: readonly PolicyProblem[];
  /** What a set that may decide lets through that it should not, and what it leaves unanswered. */
  readonly warnings: readonly PolicyProblem[];
}

/** What one command printed, and how it ended. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Arguments after `opa`: syntax, types and conflicts, strictly. */
export function opaCheckArgs(): string[] {
  return ['check', '--strict', '--format=json', '--bundle', BUNDLE_DIR];
}

/** Says as much of the machine as of the policies: nothing that holds for this set for ever. */
export const TEST_TIMEOUT_CODE = 'test_timeout';
/** For one test. */
const TEST_TIMEOUT = '10s';
const TOO_SLOW = `it did not end within ${TEST_TIMEOUT}: it is too much work, or this machine is very busy`;

/** Arguments after `opa`: every test of the set. */
export function opaTestArgs(): string[] {
  return ['test', '--format=json', `--timeout=${TEST_TIMEOUT}`, '--bundle', BUNDLE_DIR];
}

/**
 * Problems that kept a query from being compiled; none where it was. Undefined where only `opa check` can tell: of what cannot be loaded,
 * a query gives no place. `output`: of `opa eval`.
 */
export function compileProblems({ stdout }: CommandOutput, { files }: Pick<PolicySet, 'files'>) {
  const report = asObject(parseJson(Buffer.from(stdout)));
  const errors: readonly unknown[] = Array.isArray(report?.errors) ? report.errors : [];
  if (errors.length === 0) return report?.result === undefined ? undefined : [];
  const codes = errors.map((error) => asText(asObject(error)?.code) ?? '');
  if (codes.every((code) => code.startsWith('eval_'))) return [];
  const own = new Set(files.map(({ path }) => path));
  const problems = errors.map(problemOf);
  const areKnown = codes.every((code) => code.startsWith('rego_'));
  return areKnown && problems.every(({ file = '' }) => own.has(file)) ? problems : undefined;
}

/** Problems that `opa check` found; none exactly when it ended with 0. */
export function parseCheckOutput(output: CommandOutput): PolicyProblem[] {
  if (output.exitCode === 0) return [];
  const report =
    asObject(parseJson(Buffer.from(output.stderr))) ?? asObject(parseJson(Buffer.from(output.stdout)));
  const errors: readonly unknown[] = Array.isArray(report?.errors) ? report.errors : [];
  return errors.length > 0 ? errors.map(problemOf) : problemsOfText(output);
}

/** Problems that `opa test` found in the set's own tests, a test that failed and a set that does not load alike. */
export function parseTestOutput(output: CommandOutput): PolicyProblem[] {
  if (output.exitCode === 0) return [];
  const report = parseJson(Buffer.from(output.stdout));
  if (!Array.isArray(report)) return problemsOfText(output);
  const results: readonly unknown[] = report;
  const failed = results.map(failedTest).filter((problem) => problem !== undefined);
  // OPA runs them side by side and reports each as it ends.
  return failed.sort(byPlace);
}

/** Prints a problem on one line, as `infrastructure/x.rego:3:1 rego_parse_error: … (hint)`. */
export function formatPolicyProblem(problem: PolicyProblem): string {
  const place = [problem.file, problem.row, problem.column].filter((part) => part !== undefined).join(':');
  const hint = problem.hint === undefined ? '' : ` (${problem.hint})`;
  return `${place === '' ? '' : `${place} `}${problem.code}: ${problem.message}${hint}`;
}

function problemOf(error: unknown): PolicyProblem {
  const { code, message, location } = asObject(error) ?? {};
  const text = insideBundle(asText(message) ?? 'no message');
  const [, file, detail] = DATA_NOT_LOADED.exec(text) ?? [];
  if (file !== undefined && detail !== undefined) return { file, code: 'data_not_loaded', message: detail };
  const problem = { code: asText(code) ?? 'opa_error', message: text };
  return forbidden(problem, placeOf(location)) ?? withHint(problem, placeOf(location));
}

/** Ours, which others read: nothing of the set's own is there. */
const OUR_TESTS = 'data.system.';

function failedTest(result: unknown): PolicyProblem | undefined {
  const test = asObject(result);
  const { code, message } = asObject(test?.error) ?? {};
  const error = asText(message);
  if (test === undefined || (test.fail !== true && error === undefined)) return undefined;
  if (String(test.package).startsWith(OUR_TESTS)) return undefined;
  const name = `${String(test.package).replace(/^data\./, '')}.${String(test.name)}`;
  const why = error ?? lastPrinted(test.output);
  const problem = { ...placeOf(test.location), message: why === undefined ? name : `${name}: ${why}` };
  return code === 'eval_cancel_error'
    ? { ...problem, code: TEST_TIMEOUT_CODE, hint: TOO_SLOW }
    : { ...problem, code: 'test_failed' };
}

/** What the test said with `print` before it failed; OPA encodes it (base64). */
function lastPrinted(output: unknown): string | undefined {
  const text = Buffer.from(asText(output) ?? '', 'base64').toString('utf8');
  return text.trimEnd().split('\n').at(-1) || undefined;
}

/** `unable to load bundle …: 1 error occurred: bundle/a.rego:3: rego_parse_error: …` where no JSON is printed. */
function problemsOfText({ stdout, stderr, exitCode }: CommandOutput): PolicyProblem[] {
  const text = insideBundle(stderr.trim() === '' ? stdout.trim() : stderr.trim());
  const found = [...text.matchAll(/([^\s:]+\.rego):(\d+): (\w+): ([^\n]+)/g)];
  if (found.length > 0)
    return found.map(([, file = '', row, code = '', message = '']) =>
      withHint({ code, message }, { file, row: Number(row) }),
    );
  return [{ code: 'opa_error', message: text === '' ? `opa ended with ${exitCode} and said nothing` : text }];
}

function byPlace(left: Place, right: Place): number {
  const byFile = (left.file ?? '').localeCompare(right.file ?? '');
  return byFile || (left.row ?? 0) - (right.row ?? 0) || (left.column ?? 0) - (right.column ?? 0);
}

interface Place {
  readonly file?: string;
  readonly row?: number;
  readonly column?: number;
}

/** Where OPA says that it is. */
export function placeOf(location: unknown): Place {
  const { file, row, col } = asObject(location) ?? {};
  return {
    ...(typeof file === 'string' ? { file: insideBundle(file) } : {}),
    ...(typeof row === 'number' ? { row } : {}),
    ...(typeof col === 'number' ? { column: col } : {}),
  };
}

/** The author knows `policies/`, not the folder inside our container. */
function insideBundle(text: string): string {
  return text.replaceAll(/(?<![\w/])\/?bundle\//g, '');
}

/** OPA gives no location for a data file that it cannot parse. */
const DATA_NOT_LOADED = /bundle load failed on (\S+): (.+)$/;

const NOT_THERE = /undefined function ([\w.]+)/;

/** What OPA itself could do, and policies here may not. */
function forbidden({ message }: { readonly message: string }, place: Place): PolicyProblem | undefined {
  const name = NOT_THERE.exec(message)?.[1] ?? '';
  const why = whyForbidden(name);
  if (why === undefined) return undefined;
  return {
    ...place,
    code: 'builtin_forbidden',
    message: `${name} may not be used in policies: ${why}`,
    hint: 'policies decide on the facts in `input` and the thresholds in `data`',
  };
}

const BEFORE_V1 = /`(?:if|contains)` keyword is required/;

/** Rego from before OPA 1.0 parses until its first rule without `if` or `contains`. */
function withHint(problem: { readonly code: string; readonly message: string }, place: Place): PolicyProblem {
  if (!BEFORE_V1.test(problem.message)) return { ...place, ...problem };
  const file = place.file ?? 'FILE';
  return {
    ...place,
    ...problem,
    hint: `Rego from before OPA 1.0; convert it with: opa fmt --write --v0-v1 ${file}`,
  };
}
