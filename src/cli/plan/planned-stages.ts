/** What is foreseen as stages: steps that need nothing but each other, and what has to come by itself in between. Pure. */
import type { StepResult } from '../../reconcilers/apply/apply.js';
import type { ForeseenTick } from '../../reconcilers/foresee.js';
import type { DriftKind, Step } from '../../reconcilers/plan/steps.js';
import { words } from '../basics/talk.js';

export interface Stage {
  /** What comes by itself before these steps; each completes "when …". Empty: at once. */
  readonly when: readonly string[];
  readonly chains: readonly (readonly PlannedStep[])[];
}

export interface PlannedStep extends Pick<Step, 'kind' | 'target' | 'cause'> {
  readonly question?: string;
  readonly drift?: DriftKind;
  /** `none`: nobody is asked; `unasked`: no policy engine decides by these policies yet. */
  readonly gate: 'none' | 'allowed' | 'denied' | 'unasked';
  /** `no`: it is denied or refused; `not reached`: a step before it is. */
  readonly possible: 'yes' | 'no' | 'not reached';
  /** Why not. */
  readonly reasons?: readonly string[];
}

/** Ticks that follow each other at once are one stage. */
export function stagesOf(ticks: readonly ForeseenTick[]): readonly Stage[] {
  const stages: { when: readonly string[]; chains: PlannedStep[][] }[] = [];
  for (const { plan, results, awaited } of ticks) {
    const byStep = new Map(results.map((result) => [result.step, result]));
    const chains = plan.chains
      .filter((chain) => chain.some((step) => byStep.has(step)))
      .map((chain) => chain.map((step) => plannedStep(step, byStep.get(step))));
    const last = stages.at(-1);
    if (last === undefined || awaited.length > 0) stages.push({ when: awaited, chains });
    else last.chains.push(...chains);
  }
  return stages;
}

function plannedStep(
  { kind, target, cause, gate, drift }: Step,
  result: StepResult | undefined,
): PlannedStep {
  const reasons = reasonsOf(result);
  return {
    kind,
    target,
    cause,
    ...(gate === undefined ? {} : { question: gate.question }),
    ...(drift === undefined ? {} : { drift }),
    gate: gate === undefined ? 'none' : gateWord(result),
    possible: result === undefined ? 'not reached' : result.kind === 'done' ? 'yes' : 'no',
    ...(reasons.length === 0 ? {} : { reasons }),
  };
}

function gateWord(result: StepResult | undefined): PlannedStep['gate'] {
  if (result?.decision === undefined || result.decision.answers.length === 0) return 'unasked';
  return result.kind === 'denied' ? 'denied' : 'allowed';
}

function reasonsOf(result: StepResult | undefined): readonly string[] {
  if (result === undefined || result.kind === 'done') return [];
  if (result.kind === 'failed') return [words(result.error)];
  return result.decision.answers.flatMap(({ domain, reasons }) =>
    reasons.map(({ message }) => (domain === '' ? message : `${domain}: ${message}`)),
  );
}
