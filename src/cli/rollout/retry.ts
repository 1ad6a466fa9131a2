/** `swiftdeploy rollout retry`: has a version tried again that failed, then does what `deploy` does. The manifest stays as it is. */
import type { Command } from 'commander';
import { attemptHash } from '../../reconcilers/desired/spec-hash.js';
import type { ServiceSpec } from '../../reconcilers/desired/stack-spec.js';
import type { Retry, ServiceMemory } from '../../reconcilers/plan/memory.js';
import { RetryFile } from '../../reconcilers/retry-file.js';
import { StateStore } from '../../reconcilers/stack-state.js';
import { declareForStack, type Finish } from '../basics/command.js';
import { CommandError } from '../basics/exit.js';
import { controllerOf, refuseOtherManifest } from '../basics/lock.js';
import { outputOption, timeoutOption } from '../basics/options.js';
import { refuseCopiedNotes } from '../basics/own-notes.js';
import { openSession } from '../basics/session.js';
import { paintFor, talk } from '../basics/talk.js';
import { deployIn, exitWith, type DeployOptions } from '../deploy.js';
import { readManifest, serviceOf } from '../promote/chosen-service.js';
import { EventFollower } from '../status/history-view.js';

interface RetryOptions extends DeployOptions {
  readonly service?: string;
}

export function addRolloutRetry(group: Command, finish: Finish): void {
  declareForStack(group, 'retry', 'rollout retry', 'rollout retry --service app')
    .description('tries the version again that failed, from its first step, then does what deploy does')
    .option('--service <name>', 'which service, where the manifest has several')
    .addOption(timeoutOption())
    .addOption(outputOption('nothing on stdout'))
    .action(async (options: RetryOptions) => finish(await retry(options)));
}

/** Resolves with the exit code. */
async function retry(options: RetryOptions): Promise<number> {
  const session = await openSession(options, { timeoutMs: options.timeout });
  await refuseCopiedNotes(session.paths);
  const { manifest, history, stateDir } = session.paths;
  const { stack } = await readManifest(manifest);
  const service = serviceOf(stack, options.service);
  const spec = stack.services.find(({ name }) => name === service);
  const { state } = await new StateStore(stateDir).peek();
  const wish = spec === undefined ? undefined : retryOf(spec, state.memory.services[service] ?? {});
  if (wish === undefined)
    throw new CommandError(
      `no rollout of ${service} has failed as the manifest says it now: nothing to retry`,
    );
  const holder = await controllerOf(session.info, stack.name);
  if (holder !== undefined) await refuseOtherManifest(holder, stack.name, manifest);
  const events = await EventFollower.fromNow(history);
  await new RetryFile(stateDir).leave(wish);
  talk(`${paintFor(process.stderr)('cyan', '↻')} ${service} is tried again`);
  return exitWith(await deployIn(session, options, events), options.output);
}

/** Undefined where the manifest says something else already, or nothing failed. */
function retryOf(spec: ServiceSpec, { failed }: ServiceMemory): Retry | undefined {
  const attempt = attemptHash(spec);
  return failed?.attempt === attempt ? { service: spec.name, attempt } : undefined;
}
