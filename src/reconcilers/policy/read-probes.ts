/** What our probes of a policy set found, as problems and warnings with a place and with what to write instead. Pure. */
import { failureSentence } from './answer.js';
import { placeOf, TEST_TIMEOUT_CODE, type PolicyCheck, type PolicyProblem } from './check-policies.js';
import { asObject, asText, parseJson, type JsonObject } from './json-value.js';
import type { PolicySet } from './policy-set.js';
import { domainPlace, isOfOlderTools } from './domain-place.js';
import { PROBE_PACKAGE, type Probe } from './probe-tests.js';
import { BAD_VALUES, type BadValue } from './probe-facts.js';
import { readAnswer } from './read-answer.js';
import { whyUndecided } from './undecided.js';

const ALLOWED = 'probe_allowed';

/** One input that a domain allowed and must not. */
interface Hole {
  readonly domain: string;
  readonly question: string;
  /** Absent: none of those that matter was there. */
  readonly fact?: string;
  readonly kind: BadValue;
}

/** What one probe found, or why it could not. */
export interface Found {
  readonly found?: JsonObject;
  readonly error?: JsonObject;
}

/** What one query said of everything. */
export interface TrialFound {
  /** By the probe's test. */
  readonly probes: ReadonlyMap<string, Found>;
  /** Of the set's own tests. */
  readonly passed: ReadonlySet<string>;
}

/** Undefined for a query that failed as a whole. `output`: of `trialArgs`. */
export function readTrial(output: string): TrialFound | undefined {
  const result = asObject(parseJson(Buffer.from(output)))?.result;
  const [row]: readonly unknown[] = Array.isArray(result) ? result : [];
  const expressions = asObject(row)?.expressions;
  const [expression]: readonly unknown[] = Array.isArray(expressions) ? expressions : [];
  const { probes, passed } = asObject(asObject(expression)?.value) ?? {};
  if (probes === undefined || !Array.isArray(passed)) return undefined;
  const found = Object.entries(asObject(probes) ?? {}).map(([test, value]): [string, Found] => [
    test,
    { found: asObject(value) ?? {} },
  ]);
  return { probes: new Map(found), passed: new Set(passed.map(String)) };
}

/** By the probe's test; undefined for a set that did not load. `output`: of `opa test`. */
export function readProbeTests(output: string): ReadonlyMap<string, Found> | undefined {
  const results = parseJson(Buffer.from(output));
  if (!Array.isArray(results)) return undefined;
  const ours = results.map(asObject).filter(isOurs);
  return new Map(ours.map((test): [string, Found] => [asText(test.name) ?? '', foundBy(test)]));
}

export function judgeProbes(
  found: ReadonlyMap<string, Found>,
  set: PolicySet,
  probes: readonly Probe[],
): PolicyCheck {
  const causes = new Map(
    silentDomains(found, probes).flatMap((domain) => {
      const cause = whyUndecided(set, domain);
      return cause === undefined ? [] : [[domain, cause] as const];
    }),
  );
  const problems: PolicyProblem[] = [...causes.values()];
  const holes: Hole[] = [];
  for (const probe of probes.filter(({ domain }) => !causes.has(domain))) {
    const { found: seen, error } = found.get(probe.test) ?? {};
    if (seen === undefined) problems.push(failed(probe, error, set));
    else if (probe.question === undefined) problems.push(...ofEmpty(probe, seen, set));
    else {
      problems.push(...ofAnswer(probe, seen, set));
      holes.push(...holesOf(probe, seen));
    }
  }
  const merged = set.domains.flatMap(({ name }) =>
    ofHoles(
      holes.filter(({ domain }) => domain === name),
      set,
    ),
  );
  return {
    problems: [...problems, ...merged.filter(({ isWarning }) => !isWarning).map(({ problem }) => problem)],
    warnings: merged.filter(({ isWarning }) => isWarning).map(({ problem }) => problem),
  };
}

/** Those of which no question has any answer. */
function silentDomains(found: ReadonlyMap<string, Found>, probes: readonly Probe[]): readonly string[] {
  const asked = probes.filter(({ question }) => question !== undefined);
  const silent = ({ test }: Probe) => isEmptyList(found.get(test)?.found?.answers);
  const names = [...new Set(asked.map(({ domain }) => domain))];
  return names.filter((name) => asked.filter(({ domain }) => domain === name).every(silent));
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isOurs(test: JsonObject | undefined): test is JsonObject {
  return test?.package === PROBE_PACKAGE;
}

function foundBy({ output, error }: JsonObject): Found {
  const printed = asText(output);
  const found = asObject(printed === undefined ? undefined : parseJson(Buffer.from(printed, 'base64')));
  const failure = asObject(error);
  return { ...(found === undefined ? {} : { found }), ...(failure === undefined ? {} : { error: failure }) };
}

/** A policy that cannot be evaluated for what it is asked decides nothing. */
function failed({ domain, question }: Probe, error: JsonObject | undefined, set: PolicySet): PolicyProblem {
  const asked = question === undefined ? 'an empty question ({})' : `"${question}" with facts of every kind`;
  const at = placeOf(error?.location);
  const isIts = set.files.some(({ path }) => path === at.file);
  return {
    ...(isIts ? at : domainPlace(set, domain)),
    code: error?.code === 'eval_cancel_error' ? TEST_TIMEOUT_CODE : 'probe_failed',
    message: `${domain} cannot be evaluated for ${asked}: ${asText(error?.message) ?? 'no answer'}`,
    ...(error?.code === 'eval_conflict_error' ? { hint: CLASH } : {}),
  };
}

const CLASH =
  'rules of one name, in all files of a package, must not hold at once with different values: keep one, tell them apart by their conditions, or collect what they say in a set (`reasons contains …`)';

function ofEmpty({ domain }: Probe, { empty }: JsonObject, set: PolicySet): PolicyProblem[] {
  if (empty !== true) return [];
  return [
    {
      ...domainPlace(set, domain),
      code: ALLOWED,
      message: `${domain} allows an empty question ({}): a fact that is missing allows everything`,
      hint: 'write `default allow := false`, and allow only when the question and every fact that is needed are there',
    },
  ];
}

/** By the same rules as the gate's. */
function ofAnswer(
  { domain, question = 'deploy' }: Probe,
  { answers }: JsonObject,
  set: PolicySet,
): PolicyProblem[] {
  const [result]: readonly unknown[] = Array.isArray(answers) ? answers : [];
  const body = Buffer.from(JSON.stringify({ result }));
  const answer = readAnswer({ status: 200, body }, { domain, question });
  if (!('detail' in answer)) return [];
  return [
    {
      ...domainPlace(set, domain),
      code: 'probe_not_answered',
      message: `${domain} does not answer "${question}" when nothing is wrong with it: ${failureSentence(answer)}`,
      hint: 'name the questions that the domain answers in its METADATA: `custom: {questions: [deploy]}`',
    },
  ];
}

function holesOf({ domain, question = 'deploy' }: Probe, { holes, bare }: JsonObject): Hole[] {
  const single = (Array.isArray(holes) ? (holes as readonly (readonly [string, BadValue])[]) : []).map(
    ([fact, kind]): Hole => ({ domain, question, fact, kind }),
  );
  return bare === true ? [{ domain, question, kind: 'missing' }, ...single] : single;
}

interface Judged {
  readonly problem: PolicyProblem;
  readonly isWarning: boolean;
}

/** One for each fact; policies of older tools are only warned of what is never sent to them. */
function ofHoles(holes: readonly Hole[], set: PolicySet): Judged[] {
  const facts = [...new Set(holes.map(({ fact }) => fact))];
  return facts.map((fact) => {
    const own = holes.filter((hole) => hole.fact === fact);
    const domain = own[0]?.domain ?? '';
    const isWarning = fact !== undefined && isOfOlderTools(set, domain);
    return {
      isWarning,
      problem: { ...domainPlace(set, domain), code: ALLOWED, ...wordsOf(domain, fact, own) },
    };
  });
}

function wordsOf(domain: string, fact: string | undefined, holes: readonly Hole[]) {
  const questions = [...new Set(holes.map(({ question }) => question))].join(', ');
  if (fact === undefined)
    return {
      message: `${domain} allows ${questions} when none of the facts that it looks at is there`,
      hint: 'write `default allow := false`, and allow only when each of them is a number in range',
    };
  const kinds = BAD_VALUES.filter((kind) => holes.some((hole) => hole.kind === kind));
  return {
    message: `${domain} allows ${questions} when ${fact} is ${kinds.map((kind) => KIND_WORDS[kind]).join(' or ')}`,
    hint: `allow only when it is there, is_number, and between two values that it can have`,
  };
}

const KIND_WORDS = {
  missing: 'missing',
  null: 'null',
  text: 'a text',
  negative: '-1',
  absurd: '1e308',
} as const satisfies Record<BadValue, string>;
