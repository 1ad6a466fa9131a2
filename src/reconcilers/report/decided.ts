/** Which decision let a version go on: remembered until what became of it is told, and not for what comes after that. Pure. */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { StepResult } from '../apply/apply.js';
import type { Judgement } from '../judge/judgement.js';
import type { Plan } from '../plan/plan.js';
import type { Question } from '../plan/steps.js';
import { decisionNote, type DecisionNote } from '../policy/decision-note.js';

/** By service. */
export type Decided = Readonly<Record<string, DecisionNote>>;

/** About versions; what heals or clears up decides nothing about them. */
const ROLLOUT: ReadonlySet<Question> = new Set(['deploy', 'replace', 'start_canary', 'promote', 'rollback']);
const TOLD: ReadonlySet<string> = new Set(['deploy', 'promote', 'rollback', 'canary_step']);

/** `events`: what is told in this tick, of what was decided before it. Of the services that the plan has. */
export function trackDecided(
  before: Decided,
  { plan, results }: { readonly plan: Plan; readonly results: readonly StepResult[] },
  events: readonly HistoryEventInput[],
): Decided {
  const told = events.filter(tellsOfVersion).map(({ service }) => String(service));
  const untold = plan.services.flatMap(({ spec: { name } }) => {
    const note = before[name];
    return note === undefined || told.includes(name) ? [] : [[name, note] as const];
  });
  const fresh = results.flatMap(({ kind, step, decision }) => {
    const { gate } = step;
    if (kind !== 'done' || decision === undefined || gate?.service === undefined) return [];
    return ROLLOUT.has(gate.question) ? [[gate.service.name, decisionNote(decision.answers)] as const] : [];
  });
  return Object.fromEntries([...untold, ...fresh]);
}

/** What was said of canaries in this tick. */
export function decidedOnCanaries(judgements: readonly Judgement[]): Decided {
  return Object.fromEntries(
    judgements.map(({ service, decision }) => [service, decisionNote(decision.answers)]),
  );
}

/** Deploys, promotions, rollbacks and the shares of a canary. */
export function tellsOfVersion({ event }: HistoryEventInput): boolean {
  return TOLD.has(event);
}

/** What tells of a version says by whose decision. */
export function withDecision(event: HistoryEventInput, decided: Decided): HistoryEventInput {
  const note = tellsOfVersion(event) ? decided[String(event.service)] : undefined;
  return note === undefined ? event : { ...event, decision: note };
}
