/** Which decision let a drift be healed: the one on the newest step that was taken for it. Who needs no leave has none. Pure. */
import type { StepResult } from '../apply/apply.js';
import { decisionNote } from '../policy/decision-note.js';
import type { OpenDrift } from './drift.js';

export function withDecisions(
  drifts: readonly OpenDrift[],
  results: readonly StepResult[],
): readonly OpenDrift[] {
  return drifts.map((drift) => {
    const taken = results.findLast(({ kind, step, decision }) => {
      const isFor = step.drift === drift.kind && step.target === drift.target;
      return kind === 'done' && isFor && decision !== undefined;
    });
    return taken?.decision === undefined
      ? drift
      : { ...drift, decision: decisionNote(taken.decision.answers) };
  });
}
