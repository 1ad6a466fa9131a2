/** Drift as a story with a beginning and an end: seen once, healed once, however many ticks lie between. Pure. */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { Plan } from '../plan/plan.js';
import type { DriftKind } from '../plan/steps.js';

export interface OpenDrift {
  readonly kind: DriftKind;
  readonly target: string;
  readonly cause: string;
  /** Epoch milliseconds. */
  readonly since: number;
}

export interface DriftChange {
  readonly open: readonly OpenDrift[];
  readonly events: readonly HistoryEventInput[];
}

/** What is planned to be healed is open; what was open and is not planned any more is healed. */
export function trackDrift(before: readonly OpenDrift[], plan: Plan, now: number): DriftChange {
  const seen = currentDrifts(plan, now);
  const open = seen.map((drift) => before.find((known) => isSame(known, drift)) ?? drift);
  const appeared = open.filter((drift) => !before.some((known) => isSame(known, drift)));
  const healed = before.filter(
    (known) => !seen.some((drift) => isSame(known, drift)) && !isPending(known, plan),
  );
  const pending = before.filter(
    (known) => !seen.some((drift) => isSame(known, drift)) && isPending(known, plan),
  );
  return {
    open: [...open, ...pending],
    events: [
      ...appeared.map(({ kind, target, cause }): HistoryEventInput => ({
        event: 'drift_detected',
        kind,
        target,
        cause,
      })),
      ...healed.map(({ kind, target, cause, since }): HistoryEventInput => ({
        event: 'drift_healed',
        kind,
        target,
        cause,
        duration_ms: now - since,
      })),
    ],
  };
}

function currentDrifts(plan: Plan, now: number): OpenDrift[] {
  const planned = plan.chains.flatMap((chain) =>
    chain.filter(({ drift }) => drift !== undefined).slice(0, 1),
  );
  const healing = planned.map(({ drift, target, cause }) => ({
    kind: drift ?? 'changed',
    target,
    cause,
    since: now,
  }));
  const moved = plan.findings.filter(({ kind }) => kind === 'image-moved');
  const all = [
    ...healing,
    ...moved.map(({ target, message }) => ({ kind: 'image' as const, target, cause: message, since: now })),
  ];
  // The image of a service may have moved under both of its versions.
  return all.filter((drift, index) => all.findIndex((other) => isSame(other, drift)) === index);
}

/** Its replacement cannot be made, runs but is not ready yet, or waits for its turn, or requests have yet to be sent to it. */
function isPending(drift: OpenDrift, plan: Plan): boolean {
  return plan.services.some(({ goals, chains }) => {
    if (goals.some(({ unmade }) => unmade.includes(drift.target))) return true;
    const slot = goals.flatMap(({ slots }) => slots).find(({ template }) => template.name === drift.target);
    if (slot === undefined) return false;
    return !slot.ready || chains.flat().some(({ kind }) => kind === 'shiftTraffic');
  });
}

function isSame(left: OpenDrift, right: OpenDrift): boolean {
  return left.kind === right.kind && left.target === right.target;
}
