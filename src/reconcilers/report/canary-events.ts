/** What becomes of a canary that has a share, told from what is remembered before and after a tick. Pure. */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { ServiceSpec } from '../desired/stack-spec.js';
import type { ServiceMemory, StackMemory, Rollout } from '../plan/memory.js';
import type { ServicePlan } from '../plan/plan-service.js';
import { bakeOf, bakeSeconds } from '../plan/bake.js';
import { hashOf } from '../plan/goals.js';
import { stepNumber } from '../plan/rollout.js';
import { servedShare } from './served-share.js';

/** Shares as they are served, one event each; a canary that gets everything at once has none to tell of. */
export function stepEvents(
  before: StackMemory,
  services: readonly ServicePlan[],
): readonly HistoryEventInput[] {
  return services.flatMap((service) => {
    const { spec, memory } = service;
    const known = before.services[spec.name];
    const isAtOnce = spec.canary === undefined && known?.rollout?.startedAt === undefined;
    const event = isAtOnce ? undefined : stepEvent(known, service);
    return event === undefined || memory.canary === undefined ? [] : [event];
  });
}

function stepEvent(
  before: ServiceMemory | undefined,
  { spec, memory: { rollout, stable } }: ServicePlan,
): HistoryEventInput | undefined {
  const known = before?.rollout;
  if (rollout === undefined) return undefined;
  if (rollout.bake !== undefined && known?.bake === undefined) return bakeEvent(spec, rollout);
  if (rollout.since === undefined || rollout.since === known?.since) return undefined;
  return {
    event: 'canary_step',
    service: spec.name,
    version: spec.container.version,
    ...stepNumber(rollout, spec),
    weight: servedShare({ spec, rollout, stable }),
    ...(stable === undefined ? { alone: true } : {}),
    paused: rollout.paused,
  };
}

/** The last of its shares: everything, for as long as it bakes. */
function bakeEvent(spec: ServiceSpec, rollout: Rollout): HistoryEventInput {
  return {
    event: 'canary_step',
    service: spec.name,
    version: spec.container.version,
    ...stepNumber(rollout, spec),
    weight: 100,
    paused: false,
    bake_seconds: bakeSeconds(spec),
  };
}

/** Requests that went to where replicas work, at no step of the rollout, and came back. */
export function shareEvents(
  before: StackMemory,
  services: readonly ServicePlan[],
): readonly HistoryEventInput[] {
  return services.flatMap((service) => {
    const event = shareEvent(before.services[service.spec.name]?.rollout, service);
    return event === undefined ? [] : [event];
  });
}

function shareEvent(
  known: Rollout | undefined,
  { spec, memory }: ServicePlan,
): HistoryEventInput | undefined {
  const { rollout, stable } = memory;
  if (known?.share === undefined || rollout?.share === undefined || known.share === rollout.share)
    return undefined;
  if (!isWanted(spec, rollout) || isStep(known, rollout, servedShare({ spec, rollout, stable })))
    return undefined;
  const at = stepOfShare(known, rollout);
  return {
    event: 'canary_share',
    service: spec.name,
    version: spec.container.version,
    ...stepNumber(at, spec),
    weight: rollout.share,
    paused: at.paused,
    cause: shareCause(rollout.share, servedShare({ spec, rollout: at, stable })),
  };
}

/** What ends a canary is told by itself. */
function isWanted(spec: ServiceSpec, rollout: Rollout): boolean {
  const isGoingOn = spec.mode === 'canary' || bakeOf(spec, rollout) !== undefined;
  return isGoingOn && rollout.specHash === hashOf(spec);
}

/** Told as its step, or soon. */
function isStep(known: Rollout, rollout: Rollout, expected: number): boolean {
  if (rollout.bake !== undefined && known.bake === undefined) return true;
  return rollout.since === undefined ? rollout.share === expected : rollout.since !== known.since;
}

/** A step that began only now has given nobody its share yet. */
function stepOfShare(known: Rollout, rollout: Rollout): Rollout {
  return rollout.since === undefined && known.since !== undefined ? known : rollout;
}

function shareCause(share: number, expected: number): string {
  if (share === expected) return 'as its step says again';
  return share > expected ? 'no replica of stable works' : 'no replica of it works';
}
