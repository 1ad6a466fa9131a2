/**
 * Warnings of policies as a story: told once per change, in force as long as what they are about is wanted and nobody of the same
 * policies has said otherwise. They block nothing. Pure.
 */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import { specHash } from '../desired/spec-hash.js';
import type { Plan } from '../plan/plan.js';
import type { Step } from '../plan/steps.js';
import type { Answer, Reason } from '../policy/answer.js';
import { decisionNote } from '../policy/decision-note.js';
import type { TickResult } from './tick-result.js';

/** By who warns, and of what. */
export type Warnings = Readonly<Record<string, Warning>>;

export interface Warning extends Subject {
  /** Of the policies that warned: other ones have not said it. */
  readonly revision: string;
  readonly rules: string;
  readonly sentence: string;
}

/** A version of a service, or a part of the stack. */
interface Subject {
  readonly name: string;
  /** Absent for parts. */
  readonly specHash?: string;
}

export interface WarningChange {
  readonly warnings: Warnings;
  readonly events: readonly HistoryEventInput[];
}

/** One answer, and what it is about. */
interface Said {
  readonly about: Subject;
  readonly answer: Answer;
  readonly fields: { readonly service?: string | undefined; readonly step: string; readonly target: string };
}

export function trackWarnings(before: Warnings, tick: TickResult & { readonly plan: Plan }): WarningChange {
  const said = [...saidOfSteps(tick), ...saidOfCanaries(tick)].filter(
    ({ answer }) => answer.code === undefined,
  );
  const answered = new Set(said.map(keyOf));
  const revision = tick.policy?.active?.revision;
  const kept = Object.entries(before).filter(
    ([key, warning]) => !answered.has(key) && warning.revision === revision && isWanted(warning, tick.plan),
  );
  // Of several answers about the same, one that warns counts.
  const fresh = new Map(said.filter(isWarning).map((one) => [keyOf(one), one]));
  const news = [...fresh].filter(([key, { answer }]) => before[key]?.rules !== rulesOf(answer));
  const inForce = [...kept, ...[...fresh].map(([key, one]) => [key, warningOf(one)] as const)];
  return {
    warnings: Object.fromEntries(inForce.sort(([a], [b]) => (a < b ? -1 : 1))),
    events: news.map(([, one]) => warningEvent(one)),
  };
}

function saidOfSteps({ results }: TickResult): readonly Said[] {
  return results.flatMap(({ step, decision }) =>
    (decision?.answers ?? []).map((answer) => {
      const { kind, target, gate } = step;
      return { about: subjectOf(step), answer, fields: { service: gate?.service?.name, step: kind, target } };
    }),
  );
}

function saidOfCanaries({ judgements = [], plan }: TickResult): readonly Said[] {
  return judgements.flatMap(({ service, decision }) => {
    const goals = plan?.services.find(({ spec }) => spec.name === service)?.goals ?? [];
    const canary = goals.find(({ goal }) => goal.track === 'canary')?.goal;
    const about = { name: service, ...(canary === undefined ? {} : { specHash: canary.specHash }) };
    const fields = { service, step: 'analyse', target: service };
    return decision.answers.map((answer) => ({ about, answer, fields }));
  });
}

function subjectOf({ target, gate }: Step): Subject {
  const { service, part } = gate ?? {};
  if (service === undefined) return { name: part?.name ?? target };
  const { name, spec } = service;
  return { name, ...(spec === undefined ? {} : { specHash: specHash(spec.container) }) };
}

/** A version that nobody remembers is on its way out. */
function isWanted({ name, specHash: hash }: Subject, plan: Plan): boolean {
  const service = plan.services.find(({ spec }) => spec.name === name);
  if (hash !== undefined) return service?.goals.some(({ goal }) => goal.specHash === hash) ?? false;
  return (
    plan.memory.applied.includes(name) || plan.chains.flat().some(({ gate }) => gate?.part?.name === name)
  );
}

function isWarning({ answer }: Said): boolean {
  return warningsOf(answer).length > 0;
}

function warningsOf({ warnings = [] }: Answer): readonly Reason[] {
  return warnings;
}

function keyOf({ about, answer }: Said): string {
  return [answer.domain, about.name, about.specHash ?? ''].join('/');
}

function rulesOf(answer: Answer): string {
  return warningsOf(answer)
    .map(({ code }) => code)
    .sort()
    .join('+');
}

function warningOf({ about, answer }: Said): Warning {
  const messages = warningsOf(answer).map(({ message }) => message);
  return {
    ...about,
    revision: answer.revision ?? '',
    rules: rulesOf(answer),
    sentence: `${about.name}: ${answer.domain}: ${messages.join(', ')}`.replaceAll(/\s+/g, ' '),
  };
}

function warningEvent({ answer, fields }: Said): HistoryEventInput {
  return {
    event: 'policy_warning',
    question: answer.question,
    ...fields,
    domains: [answer.domain],
    warnings: warningsOf(answer),
    decision: decisionNote([answer]),
  };
}
