/** What became of versions, told from what is remembered before and after a tick. Pure. */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { ServiceSpec } from '../desired/stack-spec.js';
import { hashOf } from '../plan/goals.js';
import type { ServiceMemory, StackMemory } from '../plan/memory.js';
import type { ServicePlan } from '../plan/plan-service.js';

export function rolloutEvents(
  before: StackMemory,
  services: readonly ServicePlan[],
): readonly HistoryEventInput[] {
  return services.flatMap((service) => {
    const event = rolloutEvent(before.services[service.spec.name] ?? {}, service);
    return event === undefined ? [] : [event];
  });
}

function rolloutEvent(before: ServiceMemory, service: ServicePlan): HistoryEventInput | undefined {
  const after = service.memory;
  if (hashOf(after.canary) !== hashOf(before.canary) && after.canary !== undefined) {
    const first = before.stable === undefined && before.canary === undefined;
    return first
      ? told('deploy', after.canary, { mode: 'canary' })
      : told('promote', after.canary, { target_mode: 'canary' });
  }
  const stable = after.stable;
  if (stable === undefined || after.canary !== undefined) return undefined;
  if (hashOf(before.stable) === hashOf(stable)) {
    return before.canary === undefined
      ? undefined
      : told('rollback', stable, { target_mode: 'stable', from: before.canary.container.version });
  }
  if (hashOf(before.canary) === hashOf(stable)) return told('promote', stable, { target_mode: 'stable' });
  const previous = before.stable ?? before.canary;
  const from = previous === undefined ? {} : { from: previous.container.version };
  return told('deploy', stable, { mode: 'stable', ...from, ...cause(service) });
}

function told(
  event: 'deploy' | 'promote' | 'rollback',
  spec: ServiceSpec,
  fields: Readonly<Record<string, string>>,
): HistoryEventInput {
  return {
    event,
    service: spec.name,
    version: spec.container.version,
    spec_hash: hashOf(spec) ?? '',
    ...fields,
  };
}

function cause(service: ServicePlan): Readonly<Record<string, string>> {
  const words = service.goals[0]?.goal.cause;
  return words === undefined ? {} : { cause: words };
}
