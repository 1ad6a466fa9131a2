/** From what a tick saw and did to the conditions that people read. Pure; one function per condition. */
import type { ConditionInput } from '../../controller/conditions.js';
import type { StepResult } from '../apply/apply.js';
import { blockersOf, listed } from './blockers.js';
import { canaryConditions, rolloutWords } from './canary-conditions.js';
import { replicasOf } from '../plan/goals.js';
import { bakeOf } from '../plan/bake.js';
import type { ServicePlan } from '../plan/plan-service.js';
import { isHeld, isLast } from '../plan/rollout.js';
import { readyContainers } from '../plan/service-slots.js';
import type { PolicyState } from '../policy/policy-keeper.js';
import type { OpenDrift } from './drift.js';
import { failureWords } from './failure-words.js';
import { sourceConditions } from './source-story.js';
import type { TickResult } from './tick-result.js';
import { suspendedCondition, suspendedStall } from '../suspend/suspend-conditions.js';
import { isAnythingUnderWay, needsSomebody } from './under-way.js';

export interface ConditionFacts extends TickResult {
  readonly drifts: readonly OpenDrift[];
  /** Denials in force, one sentence each. */
  readonly denials: readonly string[];
  /** What persons have overridden in this generation, one sentence each. */
  readonly overrides: readonly string[];
  /** Warnings in force, one sentence each. */
  readonly warnings: readonly string[];
  /** Services that do not stay up, one sentence each. */
  readonly unstable: readonly string[];
}

export function conditionsOf(facts: ConditionFacts): readonly ConditionInput[] {
  const stalled = stalledCondition(facts);
  const reconciling = reconcilingCondition(facts, stalled);
  return [
    readyCondition(facts, stalled, reconciling),
    reconciling,
    stalled,
    ...suspendedCondition(facts.plan?.suspension?.suspends),
    manifestCondition(facts),
    ...sourceConditions(facts.source),
    isRemoved(facts) && facts.plan?.converged === true ? NOBODY_DECIDES : policyReadyCondition(facts),
    ...policyAllowedCondition(facts),
    ...inSyncCondition(facts),
    ...availableCondition(facts),
    ...progressingCondition(facts),
    ...canaryConditions(facts),
  ];
}

function readyCondition(
  facts: ConditionFacts,
  stalled: ConditionInput,
  reconciling: ConditionInput,
): ConditionInput {
  if (stalled.status === 'True') return condition('Ready', 'False', stalled.reason, stalled.message);
  if (reconciling.status === 'True')
    return condition('Ready', 'False', reconciling.reason, reconciling.message);
  if (isRemoved(facts)) return condition('Ready', 'True', 'Pruned', REMOVED);
  const services = facts.stack?.services.length ?? 0;
  return condition('Ready', 'True', 'Settled', `${plural(services, 'service')} as the manifest says`);
}

const REMOVED = 'the stack is removed, as git has no manifest any more; its volumes stay';

const NOBODY_DECIDES = condition(
  'PolicyReady',
  'Unknown',
  'Pruned',
  'the policy engine is removed with the stack',
);

function isRemoved({ source }: ConditionFacts): boolean {
  return source?.deletion !== undefined;
}

function reconcilingCondition(facts: ConditionFacts, stalled: ConditionInput): ConditionInput {
  if (facts.failure !== undefined)
    return condition('Reconciling', 'True', 'EngineUnreachable', facts.failure);
  const busy = facts.results.length > 0 || facts.plan?.converged === false;
  if (!busy || facts.stack === undefined)
    return condition('Reconciling', 'False', 'Settled', 'nothing is on its way');
  if (stalled.status === 'True' && facts.results.every(needsSomebody) && !isAnythingUnderWay(facts))
    return condition('Reconciling', 'False', stalled.reason, 'nothing can go on by itself');
  const failed = facts.results.find((result) => result.kind === 'failed');
  if (failed !== undefined) return condition('Reconciling', 'True', 'StepFailed', failureWords(failed));
  return condition('Reconciling', 'True', 'Progressing', progressWords(facts));
}

function progressWords(facts: ConditionFacts): string {
  const last = facts.results.find(({ kind }) => kind === 'done')?.step;
  if (last !== undefined) return `${last.kind} ${last.target}: ${last.cause}`;
  if (isRemoved(facts)) return 'the stack is being removed';
  if (facts.policy?.onTrial !== undefined) return 'new policies are checked before they decide';
  const waiting = facts.plan?.services.find(({ converged }) => !converged);
  return waiting === undefined
    ? 'waiting for the proxy and the policy engine'
    : `${waiting.spec.name}: ${waitWords(waiting)}`;
}

function waitWords(service: ServicePlan): string {
  const [wanted] = service.goals;
  if (wanted === undefined) return 'nothing is left to run';
  if (service.waitsForPlace === true)
    return 'it is ready, and answers where it did until somebody can take that place over';
  const ready = readyContainers(wanted).length;
  const replicas = replicasOf(wanted.goal);
  return ready < replicas
    ? `${String(ready)} of ${plural(replicas, 'replica')} ready`
    : 'traffic moves, the old replicas drain';
}

function stalledCondition(facts: ConditionFacts): ConditionInput {
  const [reason, message] = stallReason(facts) ?? [undefined, ''];
  return reason === undefined
    ? condition('Stalled', 'False', 'NotStalled', 'no person is needed')
    : condition('Stalled', 'True', reason, message);
}

/** Ordered: what a person must mend first comes first. */
function stallReason(facts: ConditionFacts): readonly [string, string] | undefined {
  const { manifest, policy } = facts;
  if (!manifest.valid && !isRemoved(facts)) return ['ManifestInvalid', manifest.problems.join('\n')];
  if (policy !== undefined && policy.active === undefined) return nobodyDecides(policy);
  const suspended = suspendedStall(facts.plan);
  if (suspended !== undefined) return ['Suspended', suspended];
  const blockers = blockersOf({ ...facts, failures: failures(facts), unasked: unasked(facts) });
  const [first] = blockers;
  return first && [first.reason, listed(blockers.map(({ message }) => message))];
}

/** A check that came to no end says nothing of the policies. */
function nobodyDecides({ problem }: PolicyState): readonly [string, string] {
  if (problem?.reason === 'CheckFailed')
    return ['PoliciesUnchecked', `${problem.message}; the check is tried again`];
  return ['PoliciesInvalid', problem?.message ?? 'no policy set'];
}

function failures(facts: ConditionFacts): readonly string[] {
  return Object.values(facts.plan?.memory.services ?? {}).flatMap(({ failed }) =>
    failed === undefined ? [] : [failed.message],
  );
}

/** What keeps the policy engine from being there, where nobody else decides. */
function unasked({ decides, findings }: ConditionFacts): readonly string[] {
  if (decides !== undefined) return [];
  return findings.flatMap(({ ofPolicyEngine, message }) => (ofPolicyEngine === true ? [message] : []));
}

function manifestCondition(facts: ConditionFacts): ConditionInput {
  const { manifest } = facts;
  if (isRemoved(facts))
    return condition('ManifestValid', 'Unknown', 'Pruned', 'git has no manifest any more');
  if (!manifest.valid) return condition('ManifestValid', 'False', 'Invalid', manifest.problems.join('\n'));
  return manifest.warnings.length === 0
    ? condition('ManifestValid', 'True', 'Valid', 'the manifest obeys its schema')
    : condition('ManifestValid', 'True', 'ValidWithWarnings', manifest.warnings.join('\n'));
}

function policyReadyCondition({ policy, world, decides }: ConditionFacts): ConditionInput {
  if (policy?.problem !== undefined)
    return condition(
      'PolicyReady',
      'False',
      policy.problem.reason,
      policy.active === undefined
        ? `${policy.problem.message}; nothing is deployed until the policies pass`
        : `${policy.problem.message}; the last good policies keep deciding`,
    );
  if (world === undefined) return condition('PolicyReady', 'Unknown', 'NotObserved', 'nobody looked yet');
  if (decides === undefined)
    return condition(
      'PolicyReady',
      'False',
      'NotAnswering',
      'the policy engine does not answer its health check: nothing goes forward',
    );
  const words = `policy revision ${decides.slice(0, 12)} decides`;
  if (policy?.onTrial !== undefined)
    return condition(
      'PolicyReady',
      'False',
      'Checking',
      `${words} while revision ${policy.onTrial.slice(0, 12)} is checked`,
    );
  const next = policy?.active?.revision;
  if (next !== undefined && next !== decides)
    return condition(
      'PolicyReady',
      'False',
      'Activating',
      `${words} until the engine of revision ${next.slice(0, 12)}, which passed its check, answers`,
    );
  const warnings = policy?.warnings ?? [];
  return warnings.length === 0
    ? condition('PolicyReady', 'True', 'Answering', words)
    : condition('PolicyReady', 'True', 'AnsweringWithWarnings', [words, ...warnings].join('; '));
}

function policyAllowedCondition(facts: ConditionFacts): ConditionInput[] {
  const { results, denials, overrides, warnings } = facts;
  const failed = unasked(facts);
  if (denials.length > 0 && failed.length > 0)
    return [condition('PolicyAllowed', 'False', 'NobodyToAsk', `nobody could be asked: ${listed(failed)}`)];
  const refused = results.some(({ kind, decision }) => kind === 'denied' && isRefusedOverride(decision));
  if (denials.length > 0)
    return [condition('PolicyAllowed', 'False', refused ? 'OverrideRefused' : 'Denied', denials.join('; '))];
  if (overrides.length > 0) return [condition('PolicyAllowed', 'True', 'Overridden', overrides.join('; '))];
  if (warnings.length > 0)
    return [condition('PolicyAllowed', 'True', 'AllowedWithWarnings', warnings.join('\n'))];
  const asked = results.some((result) => result.decision !== undefined);
  return [condition('PolicyAllowed', 'True', asked ? 'Allowed' : 'NothingDenied', 'no step is denied')];
}

/** The last answers are about the override, where one was asked for. */
function isRefusedOverride(decision: StepResult['decision']): boolean {
  return decision?.answers.some(({ question, allow }) => question === 'override' && !allow) ?? false;
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

function condition(
  type: ConditionInput['type'],
  status: ConditionInput['status'],
  reason: string,
  message: string,
): ConditionInput {
  return { type, status, reason, message };
}

function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
