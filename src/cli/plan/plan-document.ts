/** A plan as data: what `-o json` prints (`schema/plan.schema.json`) and what the page is made of. Pure. */
import type { StepResult } from '../../reconcilers/apply/apply.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { World } from '../../reconcilers/observed/world.js';
import type { Foresight } from '../../reconcilers/foresee.js';
import type { StackMemory } from '../../reconcilers/plan/memory.js';
import type { Finding } from '../../reconcilers/plan/plan-input.js';
import { same } from '../../reconcilers/plan/same.js';
import type { DriftKind } from '../../reconcilers/plan/steps.js';
import { scopeOf } from '../../reconcilers/plan/suspended.js';
import type { Suspend } from '../../reconcilers/plan/suspension.js';
import type { Answer } from '../../reconcilers/policy/answer.js';
import type { StackState } from '../../reconcilers/stack-state.js';
import type { Digest } from './env-digest.js';
import { heldBack, type HeldBack } from './held-back.js';
import { planFindings } from './plan-findings.js';
import { stagesOf, type Stage } from './planned-stages.js';
import { serviceChanges, stackChanges, type FieldChange, type ServiceChange } from './spec-diff.js';

export interface PlanDocument {
  readonly apiVersion: 'swiftdeploy/v1';
  readonly kind: 'StackPlan';
  readonly stack: string;
  readonly manifest: {
    readonly path: string;
    readonly sha256?: string;
    /** Present where it is not valid: the plan is for the last good one. */
    readonly problems?: readonly string[];
  };
  /** A controller runs and does this by itself. */
  readonly controller: boolean;
  readonly changes: boolean;
  /** The manifest was deleted in git, and that removes the stack. */
  readonly removed?: true;
  /** Where the steps lead, as far as anybody can tell. */
  readonly end: Foresight['end'] | 'held';
  /** What would be taken now. */
  readonly stages: readonly Stage[];
  /** Present while something is suspended. */
  readonly held?: HeldBack;
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

export type PolicyAnswer = Pick<Answer, 'domain' | 'question' | 'allow' | 'reasons'>;

export interface Suspended {
  readonly suspends: readonly Suspend[];
  /** What is foreseen as if nothing were suspended. */
  readonly without: Foresight;
}

export interface PlanFacts {
  readonly stack: StackSpec;
  readonly manifest: PlanDocument['manifest'];
  readonly state: StackState;
  readonly world: World;
  /** Of environment values. */
  readonly digest: Digest;
  readonly foresight: Foresight;
  readonly suspended?: Suspended | undefined;
  readonly revision: string;
  readonly asked: boolean;
  readonly controller: boolean;
  /** Nothing of the stack is wished for any more. */
  readonly isRemoved: boolean;
  readonly notes: readonly string[];
}

export function planDocument(facts: PlanFacts): PlanDocument {
  const { foresight, suspended, isRemoved } = facts;
  const stack = isRemoved ? withoutWishes(facts) : facts.stack;
  const { end } = foresight;
  const results = resultsOf(foresight);
  const stages = stagesOf(foresight.ticks);
  const held = suspended && heldBack(suspended.suspends, stagesOf(suspended.without.ticks), stages);
  const fields = stackChanges(stack, facts);
  return {
    apiVersion: 'swiftdeploy/v1',
    kind: 'StackPlan',
    stack: stack.name,
    manifest: facts.manifest,
    controller: facts.controller,
    changes: results.length > 0 || isAnythingNew(facts, fields),
    ...(isRemoved ? { removed: true } : {}),
    end: isHeld(held) && (end === 'converged' || end === 'open') ? 'held' : end,
    stages,
    ...(held === undefined ? {} : { held }),
    services: serviceChanges(stack, facts),
    fields,
    drift: driftOf(results),
    findings: planFindings(foresight),
    policy: {
      revision: facts.revision,
      asked: facts.asked,
      answers: answersOf([...results, ...(suspended === undefined ? [] : resultsOf(suspended.without))]),
    },
    notes: facts.notes,
  };
}

function resultsOf({ ticks }: Foresight): readonly StepResult[] {
  return ticks.flatMap(({ results }) => results);
}

/** One that takes several steps is one, with the cause of its first. */
function driftOf(results: readonly StepResult[]): PlanDocument['drift'] {
  const found = new Map<string, PlanDocument['drift'][number]>();
  for (const { step } of results) {
    const { drift: kind, target, cause } = step;
    const key = `${String(kind)} ${target}`;
    if (kind !== undefined && !found.has(key)) found.set(key, { kind, target, cause });
  }
  return [...found.values()];
}

function isHeld(held: HeldBack | undefined): boolean {
  return held !== undefined && held.stages.length > 0;
}

/** What takes effect without a step. What is suspended has to wait for its end. */
function isAnythingNew(
  { suspended, isRemoved, state, foresight }: PlanFacts,
  fields: readonly FieldChange[],
): boolean {
  const { isWhole, holds } = suspended === undefined ? NOTHING_HELD : scopeOf(suspended.suspends, isRemoved);
  const others = ({ services }: StackMemory) => Object.entries(services).filter(([name]) => !holds(name));
  return (!isWhole && fields.length > 0) || !same(others(state.memory), others(foresight.memory));
}

const NOTHING_HELD = { isWhole: false, holds: () => false };

/** Of what goes with its stack, nothing is compared. */
function withoutWishes({ stack, state }: PlanFacts): StackSpec {
  return { ...(state.stack ?? stack), services: [] };
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
