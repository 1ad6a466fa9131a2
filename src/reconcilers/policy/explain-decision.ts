/**
 * Puts one question to one domain in throw-away containers of OPA's own image, to be explained: the answer as the gate reads it, the
 * rules that fired, and OPA's trace. Nothing that runs is asked.
 */
import { allEnded, runThrowAway, type ThrowAwayPlace } from '../throw-away.js';
import type { OpaFailure } from './answer.js';
import { bundleFiles } from './run-opa.js';
import { parseTestOutput, type PolicyProblem } from './check-policies.js';
import { asObject, parseJson } from './json-value.js';
import { BUNDLE_DIR, openPolicyBundle } from './policy-bundle.js';
import type { PolicySet } from './policy-set.js';
import { firedRules, traceLines, type FiredRule } from './read-trace.js';
import { readAnswer, type Believed } from './read-answer.js';

export interface Asking {
  readonly domain: string;
  readonly question: string;
  /** What OPA gets as `input`. */
  readonly input: unknown;
}

export interface Explained {
  readonly outcome: Believed | OpaFailure;
  /** In the order in which they fired. */
  readonly fired: readonly FiredRule[];
  readonly trace: readonly string[];
}

const MEMORY_BYTES = 512 * 1024 * 1024;
const INPUT = '/question/input.json';
/** A trace has a line for every expression. */
const MOST_LINES = 200_000;

/** The explanation, or why the set does not compile. */
export async function explainDecision(
  place: ThrowAwayPlace,
  set: PolicySet,
  asking: Asking,
): Promise<Explained | readonly PolicyProblem[]> {
  const { domain, question, input } = asking;
  const text = JSON.stringify(input, undefined, 2);
  const files = [...bundleFiles(openPolicyBundle(set)), { path: INPUT, content: text, mode: 0o644, uid: 0 }];
  const run = { files, memoryBytes: MEMORY_BYTES, maxLines: MOST_LINES };
  const [answered, traced] = await allEnded([
    runThrowAway(place, {
      ...run,
      suffix: 'answer',
      args: evalArgs(domain, ['--format=json']),
      streams: 'stdout',
    }),
    runThrowAway(place, { ...run, suffix: 'trace', args: evalArgs(domain, TRACE) }),
  ]);
  const problems = parseTestOutput({ ...traced, stdout: traced.output, stderr: traced.output });
  if (problems.length > 0) return problems;
  const trace = traceLines(traced.output);
  return {
    outcome: readAnswer({ status: 200, body: asServed(answered.output) }, { domain, question }),
    fired: firedRules(trace, set),
    trace,
  };
}

const TRACE = ['--format=pretty', '--explain=full', '--var-values'];

function evalArgs(domain: string, more: readonly string[]): readonly string[] {
  const query = `data.swiftdeploy[${JSON.stringify(domain)}].decision`;
  return ['eval', '--bundle', BUNDLE_DIR, '--input', INPUT, ...more, query];
}

/** What a server would have said. */
function asServed(output: string): Buffer {
  const found = asObject(parseJson(Buffer.from(output)));
  const [first] = Array.isArray(found?.result) ? (found.result as readonly unknown[]) : [];
  const expressions = asObject(first)?.expressions;
  const [expression] = Array.isArray(expressions) ? (expressions as readonly unknown[]) : [];
  return Buffer.from(JSON.stringify({ result: asObject(expression)?.value }));
}
