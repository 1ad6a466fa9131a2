/** `swiftdeploy policies`: what an author of policies works with. Each of its commands is declared in a file of its own. */
import type { Command } from 'commander';
import { declare, type Finish } from './basics/command.js';
import { addPoliciesExplain } from './policies/explain.js';
import { addPoliciesHistory } from './policies/history.js';
import { addPoliciesNew } from './policies/new.js';
import { addPoliciesTest } from './policies/test.js';

export function addPolicies(program: Command, finish: Finish): void {
  const group = declare(program, 'policies', 'policies new secrets', 'policies test').description(
    'write, test and explain policies, and which ones decided when',
  );
  for (const add of [addPoliciesTest, addPoliciesExplain, addPoliciesNew, addPoliciesHistory])
    add(group, finish);
}
