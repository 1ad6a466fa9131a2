/** The three conditions that are there for any stack: `Ready`, `Reconciling`, `Stalled`. Pure. */
import type { ConditionInput } from '../../controller/conditions.js';
import type { Step } from '../plan/steps.js';
import type { PolicyState } from '../policy/policy-keeper.js';
import { suspendedStall } from '../suspend/suspend-conditions.js';
import { blockersOf, listed } from './blockers.js';
import { condition, isRemoved, plural, REMOVED, type ConditionFacts } from './condition.js';
import { failuresInWords } from './failure-words.js';
import { unasked } from './policy-conditions.js';
import { failures, waitWords } from './serving-conditions.js';
import { isAnythingUnderWay, needsSomebody } from './under-way.js';

export function summaryConditions(facts: ConditionFacts): readonly ConditionInput[] {
  const stalled = stalledCondition(facts);
  const reconciling = reconcilingCondition(facts, stalled);
  return [readyCondition(facts, stalled, reconciling), reconciling, stalled];
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

function reconcilingCondition(facts: ConditionFacts, stalled: ConditionInput): ConditionInput {
  if (facts.failure !== undefined)
    return condition('Reconciling', 'True', 'EngineUnreachable', facts.failure);
  const busy = facts.results.length > 0 || facts.plan?.converged === false;
  if (!busy || facts.stack === undefined)
    return condition('Reconciling', 'False', 'Settled', 'nothing is on its way');
  if (stalled.status === 'True' && facts.results.every(needsSomebody) && !isAnythingUnderWay(facts))
    return condition('Reconciling', 'False', stalled.reason, 'nothing can go on by itself');
  const failed = facts.results.filter((result) => result.kind === 'failed');
  if (failed.length > 0) return condition('Reconciling', 'True', 'StepFailed', failuresInWords(failed));
  return condition('Reconciling', 'True', 'Progressing', progressWords(facts));
}

function progressWords(facts: ConditionFacts): string {
  const last = facts.results.find(({ kind }) => kind === 'done')?.step;
  if (last !== undefined) return stepWords(last);
  if (isRemoved(facts)) return 'the stack is being removed';
  if (facts.policy?.onTrial !== undefined) return 'new policies are checked before they decide';
  const waiting = facts.plan?.services.filter(({ converged }) => !converged) ?? [];
  return waiting.length === 0
    ? 'waiting for the proxy and the policy engine'
    : listed(waiting.map((service) => `${service.spec.name}: ${waitWords(service)}`));
}

/** A failure that was recorded is no step to people. */
function stepWords({ kind, target, cause }: Step): string {
  return kind === 'recordFailure' ? cause : `${kind} ${target}: ${cause}`;
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
  if (problem?.reason === 'CheckFailed') return ['PoliciesUnchecked', problem.message];
  return ['PoliciesInvalid', problem?.message ?? 'no policy set'];
}
