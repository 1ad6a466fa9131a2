/** The shipped policies in the shipped OPA image, asked about many rollouts in one request. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { CanaryFacts, CanaryLimits, RecentFacts } from '../../src/reconcilers/judge/canary-facts.js';
import { openOpaServerArgs, openPolicyBundle } from '../../src/reconcilers/policy/policy-bundle.js';
import { readPolicySet } from '../../src/reconcilers/policy/policy-set.js';
import { startOpa, urlOf } from '../../test/policies/opa-container.js';
import type { Alarm } from './oracle.js';

export type Verdict = 'advance' | 'hold' | 'rollback' | 'inconclusive';

/** What changes from look to look. */
export interface Question extends RecentFacts {
  readonly canary: CanaryFacts;
}

export interface Opa {
  /** Every number that the policy's data holds for it, by name. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Those that e-values are compared with. */
  readonly evidenceThresholds: readonly number[];
  readonly limits: CanaryLimits;
  /** What its thresholds promise about a version with as many errors as it may have. */
  readonly alarm: Alarm;
  /** In the order of the questions. */
  judge(questions: readonly Question[]): Promise<readonly Verdict[]>;
  /** How many were asked so far. */
  questions(): number;
  stop(): Promise<void>;
}

const POLICIES = fileURLToPath(new URL('../../policies', import.meta.url));
const PER_REQUEST = 250;

/** Only hands the questions on: each is decided by the shipped rule on an input of its own. Reasons and figures are not asked for. */
const MANY = `package swiftdeploy.many

import rego.v1

decision := [verdict |
	some question in input.questions
	verdict := data.swiftdeploy.canary.verdict with input as question
]
`;

/** `tried`: thresholds to try instead of the shipped ones. */
export async function canaryOpa(
  tried: Readonly<Record<string, number>>,
  folder: string = POLICIES,
): Promise<Opa> {
  const set = await readPolicySet(folder);
  const data = JSON.parse(await readFile(`${folder}/canary/data.json`, 'utf8')) as CanaryData;
  const thresholds = { ...data.thresholds, ...tried };
  const bundle = openPolicyBundle(set).map((file) =>
    file.path === 'canary/data.json'
      ? { ...file, content: Buffer.from(JSON.stringify({ ...data, thresholds })) }
      : file,
  );
  const many = { path: 'many/many.rego', content: Buffer.from(MANY) };
  // Without the log of decisions: to drop a decision from it costs an eighth of the answer, for each carries hundreds of inputs.
  const container = await startOpa([...bundle, many], openOpaServerArgs());
  const url = `${urlOf(container)}/v1/data/swiftdeploy/many/decision`;
  let asked = 0;
  return {
    settings: thresholds,
    evidenceThresholds: Object.entries(thresholds).flatMap(([name, value]) =>
      name.startsWith('evidence_of_') ? [value] : [],
    ),
    limits: thresholds,
    alarm: { limit: thresholds.max_error_percent / 100, odds: thresholds.evidence_of_harm },
    judge: async (questions) => {
      asked += questions.length;
      const verdicts: Verdict[] = [];
      for (const chunk of chunks(questions)) verdicts.push(...(await ask(url, chunk)));
      return verdicts;
    },
    questions: () => asked,
    stop: async () => void (await container.stop()),
  };
}

interface CanaryData {
  readonly thresholds: CanaryLimits &
    Readonly<Record<string, number>> & { readonly evidence_of_harm: number };
}

async function ask(url: string, asked: readonly Question[]): Promise<readonly Verdict[]> {
  const questions = asked.map((facts) => ({
    question: 'analyse',
    step: { kind: 'analyse', target: 'app', cause: 'a look every second' },
    stack: 'bench',
    host: {},
    limits: {},
    ...facts,
  }));
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input: { questions } }),
  });
  const { result } = (await answer.json()) as { readonly result?: readonly Verdict[] };
  if (result?.length !== asked.length)
    throw new Error(
      `OPA answered ${String(result?.length)} of ${String(asked.length)} questions (HTTP ${String(answer.status)})`,
    );
  return result;
}

function chunks<T>(values: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(values.length / PER_REQUEST) }, (_, index) =>
    values.slice(index * PER_REQUEST, (index + 1) * PER_REQUEST),
  );
}
