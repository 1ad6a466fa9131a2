/** Drift as a story with a beginning and an end: seen once, healed once, however many ticks lie between. Pure. */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { StepResult } from '../apply/apply.js';
import type { Plan } from '../plan/plan.js';
import type { DriftKind } from '../plan/steps.js';
import type { DecisionNote } from '../policy/decision-note.js';
import { withDecisions } from './drift-decision.js';
import type { TickResult } from './tick-result.js';

export interface OpenDrift {
  readonly kind: DriftKind;
  readonly target: string;
  readonly cause: string;
  /** Epoch milliseconds. */
  readonly since: number;
  /** On the step that heals it; absent until that was taken, and where nobody is asked. */
  readonly decision?: DecisionNote;
}

export interface DriftChange {
  readonly open: readonly OpenDrift[];
  readonly events: readonly HistoryEventInput[];
}

/** What moved it may have moved it back: which image it was, and what is kept, is no longer so. */
const IMAGE_MOVED = 'its image had moved, or was gone';

export interface DriftSight extends Pick<TickResult, 'now' | 'world'> {
  readonly plan: Plan;
  /** Targets of steps of ours that are still under way: how they stand meanwhile is nobody else's doing. */
  readonly busy?: ReadonlySet<string>;
  readonly results?: readonly StepResult[];
}

/** What is planned to be healed is open; what was open and is not planned any more is healed, or leaves and is nobody's concern. */
export function trackDrift(noted: readonly OpenDrift[], sight: DriftSight): DriftChange {
  const { plan, now, busy = new Set(), results = [] } = sight;
  const before = withDecisions(noted, results);
  const isPending = (drift: OpenDrift) =>
    busy.has(drift.target) ||
    isPartPending(drift, sight) ||
    isReplicaPending(drift, plan) ||
    isImagePending(drift, plan);
  const seen = currentDrifts(plan, now).filter(({ target }) => !busy.has(target));
  const open = seen.map((drift) => goneOn(before.find((known) => isSame(known, drift)) ?? drift, drift));
  const appeared = open.filter(
    (drift) => !before.some((known) => isSame(known, drift) && !isNews(known, drift)),
  );
  const unseen = before.filter((known) => !seen.some((drift) => isSame(known, drift)));
  const pending = unseen.filter(isPending);
  const healed = unseen.filter((drift) => !pending.includes(drift) && !hasLeft(drift, sight));
  return {
    open: withDecisions([...open, ...pending], results),
    events: [
      ...appeared.map(({ kind, target, cause }): HistoryEventInput => ({
        event: 'drift_detected',
        kind,
        target,
        cause,
      })),
      ...healed.map(({ kind, target, cause, since, decision }): HistoryEventInput => ({
        event: 'drift_healed',
        kind,
        target,
        cause: kind === 'image' ? IMAGE_MOVED : cause,
        duration_ms: now - since,
        ...(decision === undefined ? {} : { decision }),
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
function isReplicaPending(drift: OpenDrift, plan: Plan): boolean {
  return plan.services.some(({ goals, chains }) => {
    if (goals.some(({ unmade }) => unmade.includes(drift.target))) return true;
    const slot = goals.flatMap(({ slots }) => slots).find(({ template }) => template.name === drift.target);
    if (slot === undefined) return false;
    return !slot.ready || chains.flat().some(({ kind }) => kind === 'shiftTraffic');
  });
}

/** An image that moved may go, too: that is no end, and says more than what was said. */
function isNews({ cause }: OpenDrift, now: OpenDrift): boolean {
  return now.kind === 'image' && now.cause !== cause;
}

function goneOn(known: OpenDrift, now: OpenDrift): OpenDrift {
  return isNews(known, now) ? { ...known, cause: now.cause } : known;
}

/** What a service is to be made of is not there at all by now: nobody has put that right. */
function isImagePending({ kind, target }: OpenDrift, { services }: Plan): boolean {
  return (
    kind === 'image' &&
    services.some(({ spec, goals }) => spec.name === target && goals.some(({ build }) => build === undefined))
  );
}

/** A replica, or a service, that the manifest has no more: nobody brings it back. */
function hasLeft({ kind, target }: OpenDrift, { plan, world }: DriftSight): boolean {
  if (kind === 'image') return !plan.services.some(({ spec }) => spec.name === target);
  if (kind === 'duplicate' || plan.wanted.includes(target)) return false;
  const container = world?.containers.find(({ name }) => name === target);
  return container?.role === 'service';
}

/** nginx and the policy engine are back when they answer. */
function isPartPending({ target }: OpenDrift, { world }: DriftSight): boolean {
  const part = world?.containers.find(({ name }) => name === target);
  if (part?.role === 'policy') return world?.policyEngines.get(part.id)?.ready !== true;
  return part?.role === 'proxy' && (part.state !== 'running' || world?.proxy.silentSince !== undefined);
}

function isSame(left: OpenDrift, right: OpenDrift): boolean {
  return left.kind === right.kind && left.target === right.target;
}
