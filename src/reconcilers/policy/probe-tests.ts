/**
 * Our own questions to a policy set, put beside it in the check alone: what must be denied, and what must be answered.
 * All at once they are one query; where one of them cannot be evaluated, each is a Rego test that prints what it found.
 * They say what is; `judge-probes.ts` judges it.
 */
import type { Question } from '../plan/steps.js';
import { ASKED, NOTHING } from './answer-watch.js';
import { opaTestArgs } from './check-policies.js';
import { BUNDLE_DIR } from './policy-bundle.js';
import type { PolicyFile } from './policy-files.js';
import type { PolicySet } from './policy-set.js';
import { regoPackage } from './rego-package.js';
import { goodInput, PROBED_QUESTIONS, probeFacts } from './probe-facts.js';
import { refusableInputs } from './probe-refusals.js';

/** Nobody else's: the package `system` is refused in a set. */
export const PROBE_PACKAGE = 'data.system.probes_test';

/**
 * Arguments after `opa`: the set's own tests and all probes in one query. `opa test` traces what it runs, and takes eight times as long:
 * it is left for what did not pass.
 */
export function trialArgs(): string[] {
  return queryArgs(`${PROBE_PACKAGE}.passed`);
}

/** Arguments after `opa`: all probes and none of the tests, which others run. */
export function probeArgs(): string[] {
  return queryArgs('[]');
}

/** OPA evaluates them in the order of their keys. */
function queryArgs(passed: string): string[] {
  const query = `{"1_probes": ${PROBE_PACKAGE}.found, "2_asked": ${PROBE_PACKAGE}.all_asked, "3_passed": ${passed}}`;
  const options = ['--format=json', '--strict', `--timeout=${TRIAL_TIMEOUT}`];
  return ['eval', ...options, '--bundle', BUNDLE_DIR, query];
}

/** Arguments after `opa`: these tests alone. */
export function testArgsOf(tests: readonly string[]): string[] {
  return [...opaTestArgs(), ...runOnly(tests)];
}

export function runOnly(tests: readonly string[]): string[] {
  return ['--run', `^(${tests.map((test) => test.replaceAll('.', '\\.')).join('|')})$`];
}

const TRIAL_TIMEOUT = '60s';

const TEST_RULE = /^[ \t]*(?:default[ \t]+)?(test_\w+)/gm;
const PLAIN_NAME = /^[A-Za-z_]\w*$/;

/**
 * As `data.swiftdeploy.x_test.test_a`, sorted; a name too many costs a look, no more. Undefined where a package is called so oddly that
 * only OPA should name its tests.
 */
export function testsOf({ files }: Pick<PolicySet, 'files'>): readonly string[] | undefined {
  const names = files.flatMap(({ path, content }) => {
    const text = path.endsWith('.rego') ? content.toString('utf8') : '';
    const parts = regoPackage(text) ?? [];
    return [...text.matchAll(TEST_RULE)].map(([, name = '']) => ['data', ...parts, name]);
  });
  if (!names.flat().every((part) => PLAIN_NAME.test(part))) return undefined;
  return [...new Set(names.map((name) => name.join('.')))].sort();
}

export interface Probe {
  /** Of the Rego test. */
  readonly test: string;
  readonly domain: string;
  /** Absent for the empty input. */
  readonly question?: Question;
}

/** In the order of the set's domains and of their questions. */
export function probesOf({ domains }: Pick<PolicySet, 'domains'>): readonly Probe[] {
  const all = domains.flatMap(({ name, questions }): Omit<Probe, 'test'>[] => [
    { domain: name },
    ...questions.map((question) => ({ domain: name, question })),
  ]);
  return all.map((probe, index) => ({ ...probe, test: `test_${String(index)}` }));
}

export function trialFile(probes: readonly Probe[], own: readonly string[]): PolicyFile {
  const tests = probes.map((probe) =>
    probe.question === undefined ? emptyTest(probe) : questionTest(probe),
  );
  return {
    path: 'system/probes_test.rego',
    content: Buffer.from([HEAD, ...own.map(passedRule), ...tests].join('\n')),
  };
}

/** A Wednesday noon, a Sunday night, and the last day of a year, in nanoseconds: a freeze that happens to hold now proves nothing. */
const MOMENTS = ['2026-01-14T12:00:00Z', '2026-01-18T03:00:00Z', '2026-12-31T23:30:00Z'].map(
  (moment) => `${String(Date.parse(moment))}000000`,
);

const HEAD = `package system.probes_test

import rego.v1

# JSON there and back has no type that what we do with it could contradict.
untyped(value) := json.unmarshal(json.marshal(value))

answer(domain, asked) := result if {
	print("${ASKED}", domain, asked.question)
	result := untyped(data.swiftdeploy[domain].decision) with input as asked
}

allows(domain, asked) if answer(domain, asked).allow == true

allows_empty(domain, now) if {
	print("${ASKED}", domain, "${NOTHING}")
	result := untyped(data.swiftdeploy[domain].decision) with input as {} with time.now_ns as now
	result.allow == true
}

set_to(asked, paths, value) := json.patch(
	asked,
	untyped([{"op": "replace", "path": path, "value": value} | some path in paths]),
)

without(asked, paths) := json.patch(asked, untyped([{"op": "remove", "path": path} | some path in paths]))

bad_values := {"null": null, "text": "much", "negative": -1, "absurd": 1e308}

made_bad(asked, paths, "missing") := without(asked, paths)

made_bad(asked, paths, kind) := set_to(asked, paths, bad_values[kind])

# Only who denies the worst value of a fact looks at it.
matter(domain, asked, facts) := [fact |
	some fact in facts
	not allows(domain, set_to(asked, fact.paths, fact.worst))
]

all_asked if print("${ASKED}")

# It is there when no test is.
passed contains name if some name in untyped([])

holes(domain, asked, facts) := {[fact.name, kind] |
	some fact in facts
	some kind in fact.bad
	allows(domain, made_bad(asked, fact.paths, kind))
}

without_any(domain, asked, facts) if {
	needed := [fact | some fact in facts; not fact.isOptional]
	count(needed) > 0
	allows(domain, without(asked, [path | some fact in needed; some path in fact.paths]))
}
`;

function passedRule(test: string): string {
  return `passed contains ${JSON.stringify(test)} if ${test} == true\n`;
}

function emptyTest({ test, domain }: Probe): string {
  return `found[${JSON.stringify(test)}] := {"empty": count(allowed) > 0} if {
	allowed := {now | some now in [${MOMENTS.join(', ')}]; allows_empty(${JSON.stringify(domain)}, now)}
}

${printed(test)}`;
}

function questionTest({ test, domain, question = 'deploy' }: Probe): string {
  const isProbed = PROBED_QUESTIONS.some((probed) => probed === question);
  const facts = isProbed ? probeFacts(question) : [];
  const name = JSON.stringify(domain);
  const others = JSON.stringify(refusableInputs(domain, question).map(({ input }) => input));
  return `found[${JSON.stringify(test)}] := {"answers": answers, "holes": open, "bare": count(bare) > 0, "others": others} if {
	asked := ${JSON.stringify(goodInput(domain, question))}
	answers := [whole | whole := answer(${name}, asked)]
	facts := matter(${name}, asked, ${JSON.stringify(facts)})
	open := holes(${name}, asked, facts)
	bare := {true | without_any(${name}, asked, facts)}
	others := [[whole | whole := answer(${name}, other)] | some other in ${others}]
}

${printed(test)}`;
}

function printed(test: string): string {
  return `${test} if print(json.marshal(found[${JSON.stringify(test)}]))\n`;
}
