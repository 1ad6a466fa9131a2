/** `swiftdeploy deploy`: until the stack is as the manifest says, by ourselves or by waiting for the controller that runs. */
import type { Command } from 'commander';
import type { OverrideRequest } from '../reconcilers/policy/override.js';
import { declareForStack, type Finish } from './basics/command.js';
import { EXIT } from './basics/exit.js';
import { holderWords, refuseOtherManifest, refuseOtherStack, tryLock } from './basics/lock.js';
import { outputOption, timeoutOption, type OutputForm } from './basics/options.js';
import { refuseCopiedNotes } from './basics/own-notes.js';
import type { CommonOptions } from './basics/paths.js';
import { openSession, type Session } from './basics/session.js';
import { paintFor, print, talk } from './basics/talk.js';
import { control } from './loop/control.js';
import { firstManifest } from './loop/first-manifest.js';
import { follow } from './loop/follow.js';
import { openStack } from './loop/open-stack.js';
import { endOverride, leaveOverride, overrideOption, overrideWords } from './override/leave-override.js';
import { refuseDeleted } from './source/links.js';
import { EventFollower, newestOf } from './status/history-view.js';
import type { End, Reporter } from './telling/reporter.js';
import { peopleReporter } from './telling/reporters.js';
import { unreadyLogs } from './telling/unready-logs.js';

export interface DeployOptions extends CommonOptions {
  /** Milliseconds. */
  readonly timeout: number;
  readonly output?: OutputForm;
  /** Why a person wants done what the policies deny. */
  readonly override?: string;
}

export function addDeploy(program: Command, finish: Finish): void {
  const examples = [
    'deploy --timeout 2m',
    'deploy --override "INC-42: the disk grows tonight"',
    'deploy -o json | jq .exitCode',
  ] as const;
  declareForStack(program, 'deploy', ...examples)
    .description('makes the stack what the manifest says; waits for the controller where one runs')
    .addOption(timeoutOption())
    .addOption(overrideOption())
    .addOption(outputOption('nothing on stdout'))
    .action(async (options) => finish(await deploy(options)));
}

/** Resolves with the exit code. */
export async function deploy(options: DeployOptions): Promise<number> {
  const session = await openSession(options, { timeoutMs: options.timeout });
  await refuseDeleted(session.paths);
  return exitWith(await deployIn(session, options), options.output);
}

/** The exit code; for machines, the end as one document (schema/deploy.schema.json). */
export function exitWith({ code, conditions, url, timeoutMs }: End, output: OutputForm = 'text'): number {
  const document = {
    exitCode: code,
    ...(timeoutMs === undefined ? {} : { timedOut: true }),
    ...(url === undefined ? {} : { url }),
    conditions,
  };
  if (output === 'json') print(JSON.stringify(document, null, 2));
  return code;
}

export interface DeployInOptions extends Pick<DeployOptions, 'timeout' | 'override'> {
  /** How it ended for whoever asked. */
  readonly endOf?: (end: End) => Promise<End>;
}

/** Tells each step as it happens; `events`: what was appended to the history since then is told too. */
export async function deployIn(
  session: Session,
  { timeout: timeoutMs, override, endOf = (end) => Promise.resolve(end) }: DeployInOptions,
  events?: EventFollower,
): Promise<End> {
  await refuseCopiedNotes(session.paths);
  const reporter = peopleReporter();
  const deadlineAtMs = session.startedAtMs + timeoutMs;
  const follower = events ?? (await EventFollower.fromNow(session.paths.history));
  const request = override === undefined ? undefined : await leaveOverride(session.paths, override);
  for (;;) {
    const ended = await attempt({ session, reporter, timeoutMs, deadlineAtMs, events: follower });
    if (ended === undefined) continue;
    const end = await endOf(ended);
    await tellOldFailure(end, session, reporter);
    reporter.onEnd(end);
    if (request !== undefined) await tellOverride(end, request, { session, reporter });
    if (end.timeoutMs !== undefined) for (const block of await unreadyLogs(session)) talk(block);
    return end;
  }
}

interface Attempt {
  readonly session: Session;
  readonly reporter: Reporter;
  readonly timeoutMs: number;
  readonly deadlineAtMs: number;
  readonly events: EventFollower;
}

/** Undefined when the controller that we waited for has gone: then it is our turn. */
async function attempt(options: Attempt): Promise<End | undefined> {
  const { session, reporter, timeoutMs, deadlineAtMs } = options;
  const { paths, stop } = session;
  let conditions: End['conditions'] = [];
  const onRefused = (found: End['conditions']) => (conditions = found);
  const stack = await firstManifest(paths, { wait: false, signal: stop, reporter, onRefused });
  if (stack === undefined) return { code: stop.aborted ? EXIT.interrupted : EXIT.badManifest, conditions };
  const lock = await tryLock(session, stack.name);
  if ('heldBy' in lock) {
    await refuseOtherStack(lock.heldBy, stack.name, paths);
    await refuseOtherManifest(lock.heldBy, stack.name, paths.manifest);
    reporter.onProgress(`${stack.name} is controlled by ${holderWords(lock.heldBy)}: waiting for it`);
    return follow({ ...options, stack: stack.name });
  }
  const open = await openStack({ session, stack, lock, reporter });
  try {
    const once = { timeoutMs, deadlineAtMs };
    return await control(open, { manifest: paths.manifest, stop, reporter, listen: 'off', once });
  } finally {
    await open.close();
  }
}

async function tellOverride(
  end: End,
  request: OverrideRequest,
  { session, reporter }: Pick<Attempt, 'session' | 'reporter'>,
): Promise<void> {
  await endOverride(session.paths, request, end);
  const words = await overrideWords(end, request, { places: session.paths, reporter });
  if (words !== undefined) talk(`${paintFor(process.stderr)('yellow', '!')} ${words}`);
}

/** A version that failed in an earlier run is not tried again: its last words are still the answer to "why". */
async function tellOldFailure({ conditions }: End, { paths }: Session, reporter: Reporter): Promise<void> {
  const failed = conditions.some(
    ({ type, status, reason }) => type === 'Stalled' && status === 'True' && reason === 'RolloutFailed',
  );
  if (!failed || reporter.hasTold('replica_failed')) return;
  const event = await newestOf(paths.history, 'replica_failed');
  if (event !== undefined) reporter.onEvent(event);
}
