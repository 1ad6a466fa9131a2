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
}

export interface DenialChange {
  readonly denials: Denials;
  readonly events: readonly HistoryEventInput[];
}

export interface DenialSight extends Pick<TickResult, 'results' | 'decides'> {
  readonly plan: Plan;
}

export function trackDenials(before: Denials, { plan, results, decides }: DenialSight): DenialChange {
  const asked = new Set(plan.chains.flat().map(keyOf));
  // Nobody is asked while no policy engine answers: that is no change of the answer.
  const isAsked = (key: string) => decides === undefined || asked.has(key);
  const kept = Object.entries(before).filter(
    ([key]) => isAsked(key) && !results.some((result) => isAnswerTo(key, result)),
  );
  const denied = results.filter((result) => result.decision !== undefined && !result.decision.allow);
  const fresh = new Map(denied.map((result) => [keyOf(result.step), denialOf(result)]));
  const told = denied.filter(
    (result, index) => denied.findIndex((other) => keyOf(other.step) === keyOf(result.step)) === index,
  );
  const news = told.filter(
    (result) => before[keyOf(result.step)]?.rules !== fresh.get(keyOf(result.step))?.rules,
  );
  const inForce = [...fresh].filter(([key]) =>
    results.some((result) => result.kind === 'denied' && keyOf(result.step) === key),
  );
  return { denials: Object.fromEntries([...kept, ...inForce]), events: news.map(deniedEvent) };
}

/** Who is asked for and what; absent gates never match. */
function keyOf(step: Step): string {
  return step.gate === undefined ? '' : `${step.gate.service?.name ?? step.target}/${step.gate.question}`;
}

function isAnswerTo(key: string, result: StepResult): boolean {
  return result.decision !== undefined && keyOf(result.step) === key;
}

function denying(result: StepResult): readonly Answer[] {
  return result.decision?.answers.filter(({ allow }) => !allow) ?? [];
}

function denialOf(result: StepResult): Denial {
  const answers = denying(result);
  const rules = answers
    .map(
      ({ domain, reasons }) =>
        `${domain}:${reasons
          .map(({ code }) => code)
          .sort()
          .join('+')}`,
    )
    .join(' ');
  const { step } = result;
  const who = step.gate?.service?.name ?? step.target;
  const why = answers.flatMap(({ domain, reasons }) => reasons.map(({ message }) => `${domain}: ${message}`));
  return { rules, sentence: `${step.gate?.question ?? ''} ${who}: ${listed(why, ', ')}` };
}

function deniedEvent(result: StepResult): HistoryEventInput {
  const { step } = result;
  const answers = denying(result);
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
    decision: decisionNote(result.decision?.answers ?? []),
  };
}
