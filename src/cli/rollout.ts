/** `swiftdeploy rollout`: how a canary stands, and short ways to edit what the manifest says of it. Each command has a file of its own. */
import type { Command } from 'commander';
import { declare, type Finish } from './basics/command.js';
import { addRolloutAbort, addRolloutPause, addRolloutResume } from './rollout/change.js';
import { addRolloutHistory } from './rollout/history.js';
import { addRolloutRetry } from './rollout/retry.js';
import { addRolloutStatus } from './rollout/status.js';

export function addRollout(program: Command, finish: Finish): void {
  const group = declare(program, 'rollout', 'rollout status', 'rollout pause').description(
    'how a canary stands; pause, resume, abort or retry it',
  );
  for (const add of [
    addRolloutStatus,
    addRolloutPause,
    addRolloutResume,
    addRolloutAbort,
    addRolloutRetry,
    addRolloutHistory,
  ])
    add(group, finish);
}
