/** From what a tick saw and did to the conditions that people read. Pure. */
import type { ConditionInput } from '../../controller/conditions.js';
import { shortCommit } from '../../controller/git/revision.js';
import { suspendedCondition } from '../suspend/suspend-conditions.js';
import { canaryConditions } from './canary-conditions.js';
import { condition, isRemoved, type ConditionFacts } from './condition.js';
import { policyConditions } from './policy-conditions.js';
import { servingConditions } from './serving-conditions.js';
import { sourceConditions } from './source-story.js';
import { summaryConditions } from './summary-conditions.js';

export function conditionsOf(facts: ConditionFacts): readonly ConditionInput[] {
  return [
    ...summaryConditions(facts),
    ...suspendedCondition(facts.plan?.suspension?.suspends),
    manifestCondition(facts),
    ...sourceConditions(facts.source),
    ...policyConditions(facts),
    ...servingConditions(facts),
    ...canaryConditions(facts),
  ];
}

function manifestCondition(facts: ConditionFacts): ConditionInput {
  const { manifest } = facts;
  if (isRemoved(facts))
    return condition('ManifestValid', 'Unknown', 'Pruned', 'git has no manifest any more');
  if (!manifest.valid)
    return condition(
      'ManifestValid',
      'False',
      'Invalid',
      [...refusedCommit(facts), ...manifest.problems].join('\n'),
    );
  return manifest.warnings.length === 0
    ? condition('ManifestValid', 'True', 'Valid', 'the manifest obeys its schema')
    : condition('ManifestValid', 'True', 'ValidWithWarnings', manifest.warnings.join('\n'));
}

/**
 * `source` in the status names the commit that is reconciled, so this one is named here. No commit is taken without a manifest:
 * where none can be read, somebody was at the files of this host.
 */
function refusedCommit({ source, manifest }: ConditionFacts): readonly string[] {
  const refused = source?.revision;
  if (refused === undefined) return [];
  const commit = `commit ${shortCommit(refused.commit)} (${refused.subject})`;
  return manifest.sha256 === undefined
    ? [`the checkout of ${commit} on this host is damaged, the next look at the repository makes it again:`]
    : [`${commit} is refused:`];
}
