/** What our probes of a policy set found, as problems and warnings with a place and with what to write instead. Pure. */
import { failureSentence, type OpaFailure } from './answer.js';
import { placeOf, TEST_TIMEOUT_CODE, type PolicyCheck, type PolicyProblem } from './check-policies.js';
import { asText, type JsonObject } from './json-value.js';
import { misplacedQuestions } from './misplaced-questions.js';
import type { PolicySet } from './policy-set.js';
import { domainPlace, isOfOlderTools } from './domain-place.js';
import type { Probe } from './probe-tests.js';
import { BAD_VALUES, isOptionalFact, type BadValue } from './probe-facts.js';
import { refusableInputs } from './probe-refusals.js';
import { readAnswer } from './read-answer.js';
import type { Found } from './read-probes.js';
import { unansweredQuestions } from './unanswered.js';
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
  const failures: Failed[] = [];
  const holes: Hole[] = [];
  const unbelieved: Unbelieved[] = [];
  for (const probe of probes.filter(({ domain }) => !causes.has(domain))) {
    const { found: seen, error } = found.get(probe.test) ?? {};
    if (seen === undefined) failures.push({ ...failureAt(probe, error, set), probe });
    else if (probe.question === undefined) problems.push(...ofEmpty(probe, seen, set));
    else {
      unbelieved.push(...unbelievedOf(probe, seen));
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
    problems: [
      ...problems,
      ...ofFailed(failures),
      ...ofUnbelieved(unbelieved, set),
      ...merged.filter(({ isWarning }) => !isWarning).map(({ problem }) => problem),
    ],
    warnings: [
      ...merged.filter(({ isWarning }) => isWarning).map(({ problem }) => problem),
      ...unansweredQuestions(set),
      ...misplacedQuestions(set),
    ],
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

/** What could not be evaluated: a policy that cannot be decides nothing. */
interface Failed {
  readonly probe: Probe;
  /** What is told of it, but for what was asked. */
  readonly problem: Omit<PolicyProblem, 'message'>;
  readonly why: string;
}

function failureAt({ domain }: Probe, error: JsonObject | undefined, set: PolicySet): Omit<Failed, 'probe'> {
  const at = placeOf(error?.location);
  const isIts = set.files.some(({ path }) => path === at.file);
  const problem = {
    ...(isIts ? at : domainPlace(set, domain)),
    code: error?.code === 'eval_cancel_error' ? TEST_TIMEOUT_CODE : 'probe_failed',
    ...(error?.code === 'eval_conflict_error' ? { hint: CLASH } : {}),
  };
  return { problem, why: asText(error?.message) ?? 'no answer' };
}

/** One for each domain, place and cause: one mistake is made once, however many questions show it. */
function ofFailed(all: readonly Failed[]): PolicyProblem[] {
  const keyOf = ({ probe, problem, why }: Failed) => JSON.stringify([probe.domain, problem, why]);
  const firsts = all.filter((one, index) => all.findIndex((other) => keyOf(other) === keyOf(one)) === index);
  return firsts.map((first) => {
    const { probe, problem, why } = first;
    const asked = all.filter((one) => keyOf(one) === keyOf(first)).map((one) => one.probe);
    return {
      ...problem,
      message: `${probe.domain} cannot be evaluated for ${askedWords(asked)}: ${why}`,
    };
  });
}

function askedWords(probes: readonly Probe[]): string {
  const questions = probes.flatMap(({ question }) => (question === undefined ? [] : [`"${question}"`]));
  const empty = probes.length > questions.length ? ['an empty question ({})'] : [];
  const asked = questions.length === 0 ? [] : [`${questions.join(', ')} with facts of every kind`];
  return [...empty, ...asked].join(' and ');
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

/** An answer that the gate would not believe. */
interface Unbelieved {
  readonly domain: string;
  readonly question: string;
  /** What it was asked about; absent when nothing was wrong. */
  readonly about?: string;
  readonly failure: OpaFailure;
}

/** By the same rules as the gate's. What is answered badly when nothing is wrong is told once. */
function unbelievedOf(
  { domain, question = 'deploy' }: Probe,
  { answers, others }: JsonObject,
): readonly Unbelieved[] {
  const asked = { domain, question };
  const failure = failureOf(answers, asked);
  if (failure !== undefined) return [{ ...asked, failure }];
  const lists: readonly unknown[] = Array.isArray(others) ? others : [];
  return refusableInputs(domain, question).flatMap(({ about }, index) => {
    const refused = failureOf(lists[index], asked);
    return refused === undefined ? [] : [{ ...asked, about, failure: sayingNo(refused) }];
  });
}

/** `list`: of what it answered; empty for one that is undefined. */
function failureOf(list: unknown, asked: { readonly domain: string; readonly question: string }) {
  const [result]: readonly unknown[] = Array.isArray(list) ? list : [];
  const answer = readAnswer({ status: 200, body: Buffer.from(JSON.stringify({ result })) }, asked);
  return 'detail' in answer ? answer : undefined;
}

/** Who answers while nothing is wrong has the right package, and wants the question. */
function sayingNo({ code, detail, cure }: OpaFailure): OpaFailure {
  if (code !== 'OPA_UNDEFINED') return { code, detail, ...(cure === undefined ? {} : { cure }) };
  return { code, detail: '`decision` is undefined, which is silence and no denial', cure: SAY_NO };
}

const SAY_NO =
  'write `default allow := false`, and give everything else that `decision` is made of a value for every input, too; each denial needs a reason';

/** One for each domain and cure: one mistake is made once, however many questions show it, and best where nothing else is wrong. */
function ofUnbelieved(found: readonly Unbelieved[], set: PolicySet): PolicyProblem[] {
  const all = [
    ...found.filter(({ about }) => about === undefined),
    ...found.filter(({ about }) => about !== undefined),
  ];
  const isLike = (left: Unbelieved) => (right: Unbelieved) =>
    left.domain === right.domain && left.failure.cure === right.failure.cure;
  const firsts = all.filter((one, index) => all.findIndex(isLike(one)) === index);
  return firsts.map((first) => {
    const { domain, failure, about } = first;
    const like = all
      .filter(isLike(first))
      .filter((one) => (one.about === undefined) === (about === undefined));
    const questions = [...new Set(like.map(({ question }) => question))].join(', ');
    const when = about === undefined ? 'when nothing is wrong' : `about ${about}`;
    return {
      ...domainPlace(set, domain),
      code: 'probe_not_answered',
      message: `${domain} does not answer ${questions} ${when}: ${failureSentence(failure)}`,
      ...(failure.cure === undefined ? {} : { hint: failure.cure }),
    };
  });
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
  return facts.flatMap((fact) => {
    const own = holes.filter((hole) => hole.fact === fact);
    return [own.filter(isMeantPerhaps), own.filter((hole) => !isMeantPerhaps(hole))].flatMap((some) =>
      some.slice(0, 1).map(({ domain }) => ({
        isWarning: fact !== undefined && (some.every(isMeantPerhaps) || isOfOlderTools(set, domain)),
        problem: { ...domainPlace(set, domain), code: ALLOWED, ...wordsOf(domain, fact, some) },
      })),
    );
  });
}

/** `at most 4 CPUs, where it says how many` is a rule that somebody may want. */
function isMeantPerhaps({ fact, kind }: Hole): boolean {
  return kind === 'missing' && fact !== undefined && isOptionalFact(fact);
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
