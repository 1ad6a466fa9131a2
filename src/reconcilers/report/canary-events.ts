/** What becomes of a canary that has a share, told from what is remembered before and after a tick. Pure. */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { ServiceSpec } from '../desired/stack-spec.js';
import type { ServiceMemory, StackMemory, Rollout } from '../plan/memory.js';
import type { ServicePlan } from '../plan/plan-service.js';
import { bakeSeconds } from '../plan/bake.js';
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
