/** A status with a newer look at its canaries in it: the figures, the verdict, the condition. Pure. */
import { setConditions, type Condition } from '../../controller/conditions.js';
import type { Judgement } from '../../reconcilers/judge/judgement.js';
import type { StackMemory } from '../../reconcilers/plan/memory.js';
import { judgedCondition } from '../../reconcilers/report/canary-conditions.js';
import { judgedStatus } from '../../reconcilers/report/rollout-status.js';
import type { ServiceStatus, StatusDocument } from './status-document.js';

export interface Looks {
  readonly judgements: readonly Judgement[];
  readonly memory: StackMemory;
}

/** A canary that has failed stays failed: nothing was done to it since. */
export function withLooks(status: StatusDocument, looks: Looks, now: Date): StatusDocument {
  const services = status.services.map((service) => withLook(service, looks));
  const hasFailed = Object.values(looks.memory.services).some(({ failed }) => failed?.track === 'canary');
  const healthy = hasFailed ? undefined : judgedCondition(looks.judgements);
  const at = { generation: status.observedGeneration, now: now.toISOString() };
  const conditions = status.conditions.flatMap((before): readonly Condition[] =>
    before.type === healthy?.type ? setConditions([before], [healthy], at) : [before],
  );
  return { ...status, services, conditions };
}

function withLook(service: ServiceStatus, { judgements, memory }: Looks): ServiceStatus {
  const judgement = judgements.find((one) => one.service === service.name);
  if (service.rollout === undefined || judgement === undefined) return service;
  const judged = judgedStatus(judgement, memory.services[service.name] ?? {});
  return { ...service, rollout: { ...service.rollout, ...judged } };
}
