/**
 * Looks at a canary as events: each that knows of new requests, while it goes from step to step and while it is undecided at its last one;
 * once it is proven there and waits, once a minute. What was seen of a step until its end is told before the end is.
 */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { Judgement } from '../judge/judgement.js';
import { decisionNote } from '../policy/decision-note.js';
import { tellsOfVersion } from './decided.js';

/** Looks come once a second, a little early or late; what comes sooner is the same news. */
const SHORTEST_MS = 500;
const WAITING_MS = 60_000;

interface Told {
  readonly atMs: number;
  readonly look: Judgement;
}

export class LookStory {
  private readonly last = new Map<string, Told>();
  /** The newest of each canary, told or not: that a share ended is known some ticks after the last look at it. */
  private readonly newest = new Map<string, Judgement>();

  /** `events`: what this tick tells after its looks. */
  tell(
    judgements: readonly Judgement[],
    events: readonly HistoryEventInput[],
    nowMs: number,
  ): readonly HistoryEventInput[] {
    for (const judgement of judgements) this.newest.set(judgement.service, judgement);
    const ended = new Set(events.filter(tellsOfVersion).map(({ service }) => String(service)));
    const untold = [
      ...judgements.filter((look) => !ended.has(look.service) && this.isDue(look, nowMs)),
      ...[...ended].flatMap((service) => this.newest.get(service) ?? []),
    ].filter((look) => saysMore(look, this.last.get(look.service)?.look));
    for (const look of untold) this.last.set(look.service, { atMs: nowMs, look });
    for (const service of ended) this.newest.delete(service);
    return untold.map(lookEvent);
  }

  private isDue(look: Judgement, nowMs: number): boolean {
    const before = this.last.get(look.service);
    if (before === undefined || isOther(look, before.look)) return true;
    return nowMs - before.atMs >= (isProven(look) ? WAITING_MS : SHORTEST_MS);
  }
}

/** Nothing comes but a person's word, and the policies would let it pass. */
function isProven({ facts, verdict }: Judgement): boolean {
  return facts.step.index >= facts.step.count && verdict.verdict === 'advance';
}

function saysMore(look: Judgement, before: Judgement | undefined): boolean {
  if (before === undefined || isOther(look, before)) return true;
  return look.facts.canary.requests !== before.facts.canary.requests;
}

/** Not more of the same. */
function isOther(look: Judgement, before: Judgement): boolean {
  return look.verdict.verdict !== before.verdict.verdict || look.facts.step.index !== before.facts.step.index;
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
