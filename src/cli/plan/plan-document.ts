/** A plan as data: what `-o json` prints (`schema/plan.schema.json`) and what the page is made of. Pure. */
import type { StepResult } from '../../reconcilers/apply/apply.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { World } from '../../reconcilers/observed/world.js';
import type { Foresight, ForeseenTick } from '../../reconcilers/foresee.js';
import type { Finding } from '../../reconcilers/plan/plan-input.js';
import { same } from '../../reconcilers/plan/same.js';
import type { DriftKind, Step } from '../../reconcilers/plan/steps.js';
import type { Answer } from '../../reconcilers/policy/answer.js';
import type { StackState } from '../../reconcilers/stack-state.js';
import { words } from '../basics/talk.js';
import { planFindings } from './plan-findings.js';
import { serviceChanges, stackChanges, type FieldChange, type ServiceChange } from './spec-diff.js';

export interface PlanDocument {
  readonly apiVersion: 'swiftdeploy/v1';
  readonly kind: 'StackPlan';
  readonly stack: string;
  readonly manifest: { readonly path: string; readonly sha256?: string };
  /** A controller runs and does this by itself. */
  readonly controller: boolean;
  readonly changes: boolean;
  /** The manifest was deleted in git, and that removes the stack. */
  readonly removed?: true;
  /** Where the steps lead, as far as anybody can tell. */
  readonly end: Foresight['end'];
  readonly stages: readonly Stage[];
  readonly services: readonly ServiceChange[];
  /** Of the stack itself. */
  readonly fields: readonly FieldChange[];
  readonly drift: readonly { readonly kind: DriftKind; readonly target: string; readonly cause: string }[];
  readonly findings: readonly Finding[];
  readonly policy: {
    readonly revision: string;
    readonly asked: boolean;
    readonly answers: readonly PolicyAnswer[];
  };
  readonly notes: readonly string[];
}

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

export type PolicyAnswer = Pick<Answer, 'domain' | 'question' | 'allow' | 'reasons'>;

export interface PlanFacts {
  readonly stack: StackSpec;
  readonly manifest: PlanDocument['manifest'];
  readonly state: StackState;
  readonly world: World;
  readonly foresight: Foresight;
  readonly revision: string;
  readonly asked: boolean;
  readonly controller: boolean;
  /** Nothing of the stack is wished for any more. */
  readonly isRemoved: boolean;
  readonly notes: readonly string[];
}

export function planDocument(facts: PlanFacts): PlanDocument {
  const { foresight, state, world, isRemoved } = facts;
  const stack = isRemoved ? withoutWishes(facts) : facts.stack;
  const { ticks, end } = foresight;
  const results = ticks.flatMap((tick) => tick.results);
  const fields = stackChanges(stack, facts);
  const isNews = !same(state.memory.services, foresight.memory.services);
  return {
    apiVersion: 'swiftdeploy/v1',
    kind: 'StackPlan',
    stack: stack.name,
    manifest: facts.manifest,
    controller: facts.controller,
    changes: results.length > 0 || fields.length > 0 || isNews,
    ...(isRemoved ? { removed: true } : {}),
    end,
    stages: stagesOf(ticks),
    services: serviceChanges(stack, { state, world }),
    fields,
    drift: results.flatMap(({ step: { drift: kind, target, cause } }) =>
      kind === undefined ? [] : [{ kind, target, cause }],
    ),
    findings: planFindings(foresight),
    policy: { revision: facts.revision, asked: facts.asked, answers: answersOf(results) },
    notes: facts.notes,
  };
}

/** Of what goes with its stack, nothing is compared. */
function withoutWishes({ stack, state }: PlanFacts): StackSpec {
  return { ...(state.stack ?? stack), services: [] };
}

/** Ticks that follow each other at once are one stage. */
function stagesOf(ticks: readonly ForeseenTick[]): readonly Stage[] {
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

/** One per domain and question; the first denial, where there is one. Nobody's silence is an answer. */
function answersOf(results: readonly StepResult[]): readonly PolicyAnswer[] {
  const byQuestion = new Map<string, PolicyAnswer>();
  const answers = results.flatMap(({ decision }) => decision?.answers ?? []);
  for (const { domain, question, allow, reasons } of answers.filter(({ domain: name }) => name !== '')) {
    const key = `${domain}/${question}`;
    if (byQuestion.get(key)?.allow !== false) byQuestion.set(key, { domain, question, allow, reasons });
  }
  return [...byQuestion.values()];
}
