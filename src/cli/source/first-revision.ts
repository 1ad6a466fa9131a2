/** A controller that follows git needs one revision to know which stack it is for; until then it says what is wrong and waits. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { GitSource } from '../../controller/git/git-source.js';
import { failureOf, sourceConditions } from '../../reconcilers/report/source-story.js';
import { CommandError } from '../basics/exit.js';
import type { StackPaths } from '../basics/paths.js';
import { writeNothingYet, type Waiting } from '../loop/first-manifest.js';

const POLL_MS = 100;

/**
 * Starts to follow, and waits until there is a revision, also one of an earlier life; false when it was interrupted. Without
 * `wait` the newest one is wanted: throws the reason where it cannot be had.
 */
export async function firstRevision(
  git: GitSource,
  paths: StackPaths,
  { wait, signal, reporter }: Waiting,
): Promise<boolean> {
  const started = git.start();
  if (!wait) await unlessFailing(git, started);
  let told = '';
  while (!signal.aborted) {
    if (git.now().revision !== undefined) return true;
    const trouble = failureOf(git.now());
    if (trouble !== undefined && trouble.reason !== told) {
      told = trouble.reason;
      reporter.onEvent({ event: 'source_rejected', ...trouble });
      await writeNothingYet(paths, trouble.message, sourceConditions(git.now())).catch(() => undefined);
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

async function unlessFailing(git: GitSource, started: Promise<void>): Promise<void> {
  await started;
  const trouble = failureOf(git.now());
  if (trouble !== undefined) throw new CommandError(`the git source: ${trouble.message}`);
}
