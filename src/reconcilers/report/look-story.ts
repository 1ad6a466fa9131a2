/** Looks at a canary as events: each while it goes from step to step; at its last one, when the verdict changes and once a minute. */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { Judgement } from '../judge/judgement.js';
import { decisionNote } from '../policy/decision-note.js';

const SHORTEST_MS = 1000;
const WAITING_MS = 60_000;

interface Told {
  readonly atMs: number;
  readonly requests: number;
  readonly verdict: string;
  readonly step: number;
}

export class LookStory {
  private readonly last = new Map<string, Told>();

  tell(judgements: readonly Judgement[], nowMs: number): readonly HistoryEventInput[] {
    return judgements.filter((judgement) => this.isNews(judgement, nowMs)).map(lookEvent);
  }

  private isNews({ service, facts, verdict }: Judgement, atMs: number): boolean {
    const { index: step, count } = facts.step;
    const told = { atMs, requests: facts.canary.requests, verdict: verdict.verdict, step };
    const before = this.last.get(service);
    const isOther = before?.verdict !== told.verdict || before.step !== step;
    const pace = step < count ? SHORTEST_MS : WAITING_MS;
    const isDue = before !== undefined && atMs - before.atMs >= pace && told.requests !== before.requests;
    if (!isOther && !isDue) return false;
    this.last.set(service, told);
    return true;
  }
}

function lookEvent({ service, facts, verdict, decision }: Judgement): HistoryEventInput {
  const answer = decision.answers.find((one) => one.verdict === verdict.verdict) ?? decision.answers[0];
  return {
    event: 'canary_look',
    service,
    verdict: verdict.verdict,
    message: verdict.words,
    step: facts.step.index,
    steps: facts.step.count,
    weight: facts.weight,
    canary: facts.canary,
    ...(facts.stable === undefined ? {} : { stable: facts.stable }),
    evidence: facts.evidence,
    ...(answer?.revision === undefined ? {} : { revision: answer.revision }),
    decision: decisionNote(decision.answers),
  };
}
