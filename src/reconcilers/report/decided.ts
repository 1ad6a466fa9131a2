/** Which decision let a version go on: remembered until what became of it is told. Pure. */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { StepResult } from '../apply/apply.js';
import type { Judgement } from '../judge/judgement.js';
import type { Plan } from '../plan/plan-stack.js';
import type { Question } from '../plan/steps.js';
import { decisionNote, type DecisionNote } from '../policy/decision-note.js';

/** By service. */
export type Decided = Readonly<Record<string, DecisionNote>>;

/** About versions; what heals or clears up decides nothing about them. */
const ROLLOUT: ReadonlySet<Question> = new Set(['deploy', 'replace', 'start_canary', 'promote', 'rollback']);
const TOLD: ReadonlySet<string> = new Set(['deploy', 'promote', 'rollback']);

/** Of the services that the plan has. */
export function trackDecided(before: Decided, plan: Plan, results: readonly StepResult[]): Decided {
  const known = plan.services.flatMap(({ spec: { name } }) => {
    const note = before[name];
    return note === undefined ? [] : [[name, note] as const];
  });
  const fresh = results.flatMap(({ kind, step, decision }) => {
    const { gate } = step;
    if (kind !== 'done' || decision === undefined || gate?.service === undefined) return [];
    return ROLLOUT.has(gate.question) ? [[gate.service.name, decisionNote(decision.answers)] as const] : [];
  });
  return Object.fromEntries([...known, ...fresh]);
}

/** What was said of canaries in this tick. */
export function decidedOnCanaries(judgements: readonly Judgement[]): Decided {
  return Object.fromEntries(
    judgements.map(({ service, decision }) => [service, decisionNote(decision.answers)]),
  );
}

/** Deploys, promotions and rollbacks say by whose decision. */
export function withDecision(event: HistoryEventInput, decided: Decided): HistoryEventInput {
  const note = TOLD.has(event.event) ? decided[String(event.service)] : undefined;
  return note === undefined ? event : { ...event, decision: note };
}
