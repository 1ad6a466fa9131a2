/** Denials as a story: told once per change of answer, in force until the question is allowed or not asked any more. Pure. */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { StepResult } from '../apply/apply.js';
import type { Plan } from '../plan/plan.js';
import type { Step } from '../plan/steps.js';
import type { Answer } from '../policy/answer.js';
import { decisionNote } from '../policy/decision-note.js';
import { listed } from './blockers.js';
import type { TickResult } from './tick-result.js';

/** By who and what was asked: the sentence in force, and which rules spoke. */
export type Denials = Readonly<Record<string, Denial>>;

export interface Denial {
  readonly rules: string;
  readonly sentence: string;
  /** Of the override that was asked for in this generation. */
  readonly refusal?: Refusal;
}

/** The policies' no to an override: it stands beside the denial after the request for it has gone. */
interface Refusal {
  readonly generation: number;
  /** When it was asked for. */
  readonly at: string;
  readonly rules: string;
  readonly sentence: string;
}

export interface DenialChange {
  readonly denials: Denials;
  readonly events: readonly HistoryEventInput[];
}

export interface DenialSight extends Pick<TickResult, 'results' | 'decides' | 'stackGeneration'> {
  readonly plan: Plan;
}

export function trackDenials(before: Denials, sight: DenialSight): DenialChange {
  const { plan, results, decides } = sight;
  const known = ofGeneration(before, sight.stackGeneration);
  const asked = new Set(plan.chains.flat().map(keyOf));
  // Nobody is asked while no policy engine answers: that is no change of the answer.
  const isAsked = (key: string) => decides === undefined || asked.has(key);
  const kept = Object.entries(known).filter(
    ([key]) => isAsked(key) && !results.some((result) => isAnswerTo(key, result)),
  );
  const denied = results.filter((result) => result.decision !== undefined && !result.decision.allow);
  const told = denied.filter(
    (result, index) => denied.findIndex((other) => keyOf(other.step) === keyOf(result.step)) === index,
  );
  const fresh = told.map((result) => [keyOf(result.step), denialOf(result, known)] as const);
  const inForce = fresh.filter(([key]) =>
    results.some((result) => result.kind === 'denied' && keyOf(result.step) === key),
  );
  return {
    denials: Object.fromEntries([...kept, ...inForce]),
    events: told.flatMap((result) => newsOf(result, known)),
  };
}

/** With what the policies said to an override of it. */
export function deniedWords({ sentence, refusal }: Denial): string {
  return refusal === undefined ? sentence : `${sentence}; ${refusal.sentence}`;
}

/** Who is asked for and what; absent gates never match. */
function keyOf(step: Step): string {
  return step.gate === undefined ? '' : `${whoOf(step)}/${step.gate.question}`;
}

function isAnswerTo(key: string, result: StepResult): boolean {
  return result.decision !== undefined && keyOf(result.step) === key;
}

/** The next change of the manifest ends a refusal, as it ends the request. */
function ofGeneration(denials: Denials, now: number): Denials {
  const current = Object.entries(denials).map(([key, { refusal, ...denial }]) => {
    return [key, refusal?.generation === now ? { ...denial, refusal } : denial] as const;
  });
  return Object.fromEntries(current);
}

/** What was asked: whether the step may be taken, or whether a person may override that it may not. */
type About = 'step' | 'override';

function answersTo({ decision }: StepResult, about: About): readonly Answer[] {
  const answers = decision?.answers ?? [];
  return answers.filter(({ question }) => (question === 'override') === (about === 'override'));
}

function denying(result: StepResult, about: About): readonly Answer[] {
  return answersTo(result, about).filter(({ allow }) => !allow);
}

function denialOf(result: StepResult, known: Denials): Denial {
  const { step } = result;
  const refusal = refusalOf(result) ?? known[keyOf(step)]?.refusal;
  return {
    rules: rulesOf(result, 'step'),
    sentence: `${step.gate?.question ?? ''} ${whoOf(step)}: ${whyOf(result, 'step')}`,
    ...(refusal === undefined ? {} : { refusal }),
  };
}

function refusalOf(result: StepResult): Refusal | undefined {
  const request = result.decision?.refused;
  if (request === undefined) return undefined;
  const { generation, at, who } = request;
  const sentence = `the override that ${who} asked for is refused: ${whyOf(result, 'override')}`;
  return { generation, at, rules: rulesOf(result, 'override'), sentence };
}

function rulesOf(result: StepResult, about: About): string {
  const codes = ({ reasons }: Answer) => reasons.map(({ code }) => code).sort();
  const rules = denying(result, about).map((answer) => `${answer.domain}:${codes(answer).join('+')}`);
  return rules.join(' ');
}

function whyOf(result: StepResult, about: About): string {
  const why = denying(result, about).flatMap(({ domain, reasons }) =>
    reasons.map(({ message }) => `${domain}: ${message}`),
  );
  return listed(why, ', ');
}

function whoOf({ gate, target }: Step): string {
  return gate?.service?.name ?? target;
}

/** The denial and the refused override are told apart: what comes and goes with a request is no other denial. */
function newsOf(result: StepResult, known: Denials): readonly HistoryEventInput[] {
  const before = known[keyOf(result.step)];
  const { rules, refusal } = denialOf(result, known);
  const { at, rules: refusedBy } = before?.refusal ?? {};
  const isRefusedAnew = refusal?.at !== at || refusal?.rules !== refusedBy;
  return [
    ...(rules === before?.rules ? [] : [deniedEvent(result, 'step')]),
    ...(isRefusedAnew ? [refusedEvent(result)] : []),
  ];
}

function refusedEvent(result: StepResult): HistoryEventInput {
  const { who, why } = result.decision?.refused ?? {};
  return { ...deniedEvent(result, 'override'), question: 'override', who, why };
}

function deniedEvent(result: StepResult, about: About): HistoryEventInput {
  const { step } = result;
  const answers = denying(result, about);
  return {
    event: 'policy_denied',
    question: step.gate?.question,
    service: step.gate?.service?.name,
    step: step.kind,
    target: step.target,
    domains: answers.map(({ domain }) => domain),
    reasons: answers.flatMap(({ domain, reasons }) => reasons.map((reason) => ({ ...reason, domain }))),
    revision: answers.find(({ revision }) => revision !== undefined)?.revision,
    proceeded: result.kind !== 'denied',
    decision: decisionNote(answersTo(result, about)),
  };
}
