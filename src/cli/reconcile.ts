/** `swiftdeploy reconcile`: has the controller that runs look at the source and the world now, and waits until it has. */
import type { Command } from 'commander';
import type { Condition } from '../controller/conditions.js';
import { declareForStack, type Finish } from './basics/command.js';
import { CommandError, EXIT } from './basics/exit.js';
import { FileWatch } from './basics/file-watch.js';
import { controllerOf, refuseOtherManifest } from './basics/lock.js';
import { timeoutOption } from './basics/options.js';
import { orAfter } from './basics/or-after.js';
import type { CommonOptions } from './basics/paths.js';
import { openSession, type Session } from './basics/session.js';
import { paintFor, talk } from './basics/talk.js';
import { LookRequest } from './reconcile/look-request.js';
import { readStatus } from './status/status-document.js';
import { whichStack } from './basics/which-stack.js';

export interface ReconcileOptions extends CommonOptions {
  /** Milliseconds. */
  readonly timeout: number;
}

export function addReconcile(program: Command, finish: Finish): void {
  declareForStack(program, 'reconcile', 'reconcile', 'reconcile --timeout 2m')
    .summary('has the controller look now')
    .description(
      'has the controller that runs look at the git source and at the world now; exit code 1 where the source is not as it should be',
    )
    .addOption(timeoutOption())
    .action(async (options) => finish(await reconcile(options)));
}

/** Resolves with the exit code. */
export async function reconcile(options: ReconcileOptions): Promise<number> {
  const session = await openSession(options, { timeoutMs: options.timeout });
  const stack = await whichStack(session.paths);
  await refuseNobody(session, stack);
  await lookNow({ session, stack, timeoutMs: options.timeout });
  return tell(session, stack);
}

/** Returns when the controller that runs has looked; throws what kept it. */
export async function lookNow(wait: Wait): Promise<void> {
  const request = await LookRequest.leave(wait.session.paths.stateDir);
  try {
    await answered(request, wait);
  } finally {
    await request.withdraw();
  }
}

/** Throws where no controller runs, or one of another manifest. */
export async function refuseNobody({ info, paths }: Session, stack: string): Promise<void> {
  const holder = await controllerOf(info, stack);
  if (holder === undefined)
    throw new CommandError(
      `no controller runs for stack ${stack}: "swiftdeploy deploy" brings it up to date once, "swiftdeploy run" keeps it so`,
    );
  await refuseOtherManifest(holder, stack, paths.manifest);
}

export interface Wait {
  readonly session: Session;
  readonly stack: string;
  readonly timeoutMs: number;
}

/** Throws what kept the answer from coming. */
async function answered(request: LookRequest, { session, stack, timeoutMs }: Wait): Promise<void> {
  const { info, stop } = session;
  const end = orAfter(stop, timeoutMs);
  const watch = new FileWatch(request.path);
  try {
    while (!(await request.isAnswered())) {
      if (stop.aborted) throw new CommandError('interrupted', EXIT.interrupted);
      if (end.aborted)
        throw new CommandError(
          `the controller of stack ${stack} has not looked within ${String(timeoutMs / 1000)} s: "swiftdeploy status" says what it does (does it have the same --state-dir?)`,
        );
      if ((await controllerOf(info, stack)) === undefined && !(await request.isAnswered()))
        throw new CommandError(`the controller of stack ${stack} ended before it looked`);
      await watch.next(end);
    }
  } finally {
    watch.close();
  }
}

/** What a person asks for by this; the first two are absent for a plain file. */
const TOLD = ['SourceReady', 'SourceVerified', 'Ready'] as const;

async function tell({ paths }: Session, stack: string): Promise<number> {
  const read = await readStatus(paths.status);
  const all = read.kind === 'status' ? read.status.conditions : [];
  const told = TOLD.flatMap((type) => all.find((condition) => condition.type === type) ?? []);
  talk(`${paintFor(process.stderr)('green', '✔')} the controller of stack ${stack} has looked`);
  for (const condition of told) talk(lineOf(condition));
  const isFailing = told.some(({ type, status }) => type !== 'Ready' && status === 'False');
  return isFailing ? EXIT.failed : EXIT.ok;
}

function lineOf({ type, status, reason, message }: Condition): string {
  const paint = paintFor(process.stderr);
  const mark = status === 'True' ? paint('green', '✔') : paint('yellow', '!');
  return `${mark} ${type} is ${status} (${reason}): ${message}`;
}
