/** How what runs stands against what is wished for: `InSync`, `Available`, `Progressing`. Pure. */
import type { ConditionInput } from '../../controller/conditions.js';
import { bakeOf } from '../plan/bake.js';
import { replicasOf } from '../plan/goals.js';
import type { ServicePlan } from '../plan/plan-service.js';
import { isHeld, isLast } from '../plan/rollout.js';
import { readyContainers, type GoalPlan } from '../plan/service-slots.js';
import { listed } from './blockers.js';
import { rolloutWords } from './canary-conditions.js';
import { condition, isRemoved, plural, REMOVED, type ConditionFacts } from './condition.js';

export function servingConditions(facts: ConditionFacts): readonly ConditionInput[] {
  return [...inSyncCondition(facts), ...availableCondition(facts), ...progressingCondition(facts)];
}

function inSyncCondition({ drifts, stack }: ConditionFacts): ConditionInput[] {
  if (stack === undefined) return [];
  if (drifts.length === 0)
    return [condition('InSync', 'True', 'AsApplied', 'the world is as it was applied')];
  return [
    condition(
      'InSync',
      'False',
      'Drift',
      drifts.map(({ target, cause }) => `${target}: ${cause}`).join('; '),
    ),
  ];
}

function availableCondition(facts: ConditionFacts): ConditionInput[] {
  const { plan, world } = facts;
  if (plan === undefined || world === undefined) return [];
  if (isRemoved(facts)) return [condition('Available', 'False', 'Pruned', REMOVED)];
  const down = plan.services.filter(({ goals }) => !goals.some((goal) => readyContainers(goal).length > 0));
  if (down.length > 0) {
    const names = down.map(({ spec }) => spec.name).join(', ');
    return [condition('Available', 'False', 'NoReadyReplica', `no ready replica: ${names}`)];
  }
  if (world.proxy.containerId === undefined || !world.proxy.confirmed) {
    return [
      condition('Available', 'False', 'ProxyNotServing', 'the proxy does not serve its configuration yet'),
    ];
  }
  return [condition('Available', 'True', 'Serving', 'every service has a ready replica')];
}

function progressingCondition(facts: ConditionFacts): ConditionInput[] {
  const { now, plan } = facts;
  if (plan === undefined) return [];
  const failed = failures(facts);
  if (failed.length > 0) return [condition('Progressing', 'False', 'RolloutFailed', listed(failed))];
  const rolling = plan.services.filter(
    ({ converged, goals }) => !converged && goals[0]?.goal.proven === false,
  );
  if (rolling.length > 0) {
    const words = rolling.map((service) => `${service.spec.name}: ${waitWords(service)}`);
    return [condition('Progressing', 'True', 'RollingOut', listed(words))];
  }
  const stepping = plan.services.flatMap((service) => steppingWords(service, now));
  return stepping.length === 0
    ? [condition('Progressing', 'False', 'Complete', 'no version is being rolled out')]
    : [condition('Progressing', 'True', 'CanaryStep', stepping.join('; '))];
}

/** A canary that has steps before it, or is held at its last, or bakes. */
function steppingWords({ spec, memory: { rollout, stable } }: ServicePlan, now: number): string[] {
  if (rollout === undefined) return [];
  const isStepping = !isLast(rollout, spec) || isHeld(rollout, spec, now);
  const isUnderWay = spec.mode === 'canary' ? isStepping : bakeOf(spec, rollout) !== undefined;
  return isUnderWay ? [`${spec.name}: ${rolloutWords({ spec, rollout, stable })}`] : [];
}

export function waitWords(service: ServicePlan): string {
  const [wanted] = service.goals;
  if (wanted === undefined) return 'nothing is left to run';
  if (service.waitsForPlace === true)
    return 'it is ready, and answers where it did until somebody can take that place over';
  const ready = readyContainers(wanted).length;
  const replicas = replicasOf(wanted.goal);
  return ready < replicas
    ? `${String(ready)} of ${plural(replicas, 'replica')} ready${refusalWords(wanted)}`
    : 'traffic moves, the old replicas drain';
}

/** Why the engine has not made, or started, what is waited for. */
function refusalWords({ slots }: GoalPlan): string {
  const whys = slots.flatMap(({ ready, refusal, container }) =>
    ready ? [] : (refusal?.why ?? container?.startError ?? []),
  );
  return whys.length === 0 ? '' : ` (the engine: ${listed(whys)})`;
}

/** Of versions that failed, one sentence each. */
export function failures(facts: ConditionFacts): readonly string[] {
  return Object.values(facts.plan?.memory.services ?? {}).flatMap(({ failed }) =>
    failed === undefined ? [] : [failed.message],
  );
}
