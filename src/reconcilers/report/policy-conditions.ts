/** Whether there are policies that decide (`PolicyReady`), and what they say (`PolicyAllowed`). Pure. */
import type { ConditionInput } from '../../controller/conditions.js';
import { listed } from './blockers.js';
import { condition, isRemoved, type ConditionFacts } from './condition.js';

export function policyConditions(facts: ConditionFacts): readonly ConditionInput[] {
  const isGone = isRemoved(facts) && facts.plan?.converged === true;
  return [isGone ? NOBODY_DECIDES : policyReadyCondition(facts), policyAllowedCondition(facts)];
}

const NOBODY_DECIDES = condition(
  'PolicyReady',
  'Unknown',
  'Pruned',
  'the policy engine is removed with the stack',
);

/** What keeps the policy engine from being there, where nobody else decides. */
export function unasked({ decides, findings }: ConditionFacts): readonly string[] {
  if (decides !== undefined) return [];
  return findings.flatMap(({ ofPolicyEngine, message }) => (ofPolicyEngine === true ? [message] : []));
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

function policyAllowedCondition(facts: ConditionFacts): ConditionInput {
  const { results, denials, isOverrideRefused, overrides, warnings } = facts;
  const failed = unasked(facts);
  if (denials.length > 0 && failed.length > 0)
    return condition('PolicyAllowed', 'False', 'NobodyToAsk', `nobody could be asked: ${listed(failed)}`);
  const reason = isOverrideRefused ? 'OverrideRefused' : 'Denied';
  if (denials.length > 0) return condition('PolicyAllowed', 'False', reason, denials.join('; '));
  if (overrides.length > 0) return condition('PolicyAllowed', 'True', 'Overridden', overrides.join('; '));
  if (warnings.length > 0)
    return condition('PolicyAllowed', 'True', 'AllowedWithWarnings', warnings.join('\n'));
  const asked = results.some((result) => result.decision !== undefined);
  return condition('PolicyAllowed', 'True', asked ? 'Allowed' : 'NothingDenied', 'no step is denied');
}
