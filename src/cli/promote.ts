/** `swiftdeploy promote`: changes one word of the manifest, then does what `deploy` does. */
import { relative } from 'node:path';
import { Argument, type Command } from 'commander';
import type { Mode, StackSpec } from '../reconcilers/desired/stack-spec.js';
import { StateStore } from '../reconcilers/stack-state.js';
import { declareForStack, type Finish } from './basics/command.js';
import { CommandError, EXIT } from './basics/exit.js';
import { controllerOf, refuseOtherManifest } from './basics/lock.js';
import { outputOption, timeoutOption } from './basics/options.js';
import { refuseCopiedNotes } from './basics/own-notes.js';
import { replaceFile } from './basics/replace-file.js';
import { openSession, type Session } from './basics/session.js';
import { paintFor, talk } from './basics/talk.js';
import { deployIn, exitWith, type DeployOptions } from './deploy.js';
import { overrideOption } from './override/leave-override.js';
import { readManifest, serviceOf } from './promote/chosen-service.js';
import { editMode } from './promote/promote-edit.js';
import { ownEnd } from './promote/own-end.js';
import { otherChanges, whyNot, type Promotion } from './promote/sense.js';
import { promoteInGit } from './promote/write-back.js';
import { refuseGitManifest } from './source/links.js';
import { EventFollower } from './status/history-view.js';
import { readStatus } from './status/status-document.js';
import type { End } from './telling/reporter.js';

export interface PromoteOptions extends DeployOptions {
  readonly service?: string;
  /** False: a denied request is taken out of the manifest again. */
  readonly keep?: boolean;
  /** Where the manifest comes from git: commits and pushes the change there. */
  readonly writeBack?: boolean;
}

const KEPT = `
The manifest says what is wished for, so a denied promotion stays in it: a
controller asks again, and so does the next deploy. A canary that is taken back
meanwhile is denied, too. With --no-keep the file is put back as it was then, byte
for byte; not after a time-out or Ctrl-C, which decide nothing. What is wrong with
other services is told, and is not how a promotion ends. A version that failed is
refused: it is not tried again before "swiftdeploy rollout retry". Where the mode
is so already, nothing is edited, and the rest is what deploy does.

A manifest that comes from git is edited there with --write-back: the head of the
branch that is followed is fetched, the one word changed, committed in the name
that git knows you by, and pushed, never by force.`;

const REJECTED = 'it is tried again as another version, or by "swiftdeploy rollout retry"';

export function addPromote(program: Command, finish: Finish): void {
  declareForStack(program, 'promote', 'promote canary', 'promote stable --service app --no-keep')
    .summary("changes a service's mode in the manifest, then deploys")
    .description("changes one service's mode in the manifest, then does what deploy does")
    .addArgument(new Argument('<mode>', 'the mode to write').choices(['canary', 'stable']))
    .option('--service <name>', 'which service, where the manifest has several')
    .option('--no-keep', 'put the manifest back where a policy denies')
    .option('--write-back', 'where the manifest comes from git: commit and push the change there')
    .addOption(timeoutOption())
    .addOption(overrideOption())
    .addOption(outputOption('nothing on stdout'))
    .addHelpText('after', KEPT)
    .action(async (mode: Mode, options) => finish(await promote(mode, options)));
}

/** Resolves with the exit code; a denied promotion stays in the manifest as a wish. */
export async function promote(mode: Mode, options: PromoteOptions): Promise<number> {
  const session = await openSession(options, { timeoutMs: options.timeout });
  await refuseCopiedNotes(session.paths);
  const { manifest, history } = session.paths;
  if (options.writeBack === true) return promoteByCommit(session, mode, options);
  await refuseGitManifest(session.paths);
  const { bytes, stack } = await readManifest(manifest);
  const wish = { service: serviceOf(stack, options.service), mode };
  await checkSense(session, stack, wish);
  const holder = await controllerOf(session.info, stack.name);
  if (holder !== undefined) await refuseOtherManifest(holder, stack.name, manifest);
  const events = await EventFollower.fromNow(history);
  const written = await write(manifest, bytes, { stack, wish });
  const end = await deployIn(session, { ...options, endOf: endOfOwn(session, wish.service) }, events);
  if (end.code === EXIT.denied && written !== undefined) {
    if (options.keep === false) await putBack(session, written, options.timeout);
    else
      talk(`${written.place} keeps the request: ${end.isRejected === true ? REJECTED : 'deploy asks again'}`);
  }
  return exitWith(end, options.output);
}

/** The wish is in git then: nothing takes it back but a commit. */
async function promoteByCommit(session: Session, mode: Mode, options: PromoteOptions): Promise<number> {
  if (options.keep === false)
    throw new CommandError(
      '--no-keep does not go with --write-back: what is pushed stays, and git revert takes it back. Nothing was changed.',
    );
  const { stack } = await readManifest(session.paths.manifest);
  const wish = { service: serviceOf(stack, options.service), mode };
  await checkSense(session, stack, wish);
  const events = await EventFollower.fromNow(session.paths.history);
  await promoteInGit({ session, stack: stack.name, wish, timeoutMs: options.timeout });
  const ending = { ...options, endOf: endOfOwn(session, wish.service) };
  return exitWith(await deployIn(session, ending, events), options.output);
}

/** By what is noted when the stack has ended its way. */
function endOfOwn({ paths }: Session, service: string): (end: End) => Promise<End> {
  return async (end) => {
    const read = await readStatus(paths.status);
    if (read.kind !== 'status') return end;
    const { state } = await new StateStore(paths.stateDir).peek();
    return ownEnd(end, { service, state, status: read.status });
  };
}

/** Throws for what makes no sense; says what else is deployed. */
async function checkSense({ paths }: Session, stack: StackSpec, wish: Promotion): Promise<void> {
  const { state } = await new StateStore(paths.stateDir).peek();
  const why = whyNot(stack, wish, state.memory);
  if (why !== undefined) throw new CommandError(`${why}. Nothing was changed.`);
  const others = state.stack === undefined ? [] : otherChanges(state.stack, stack, wish);
  if (others.length > 0)
    talk(`${warning()} the manifest has other changes, which are deployed too: ${others.join(', ')}`);
}

interface Change {
  readonly stack: StackSpec;
  readonly wish: Promotion;
}

/** What was written, to be put back if need be. */
interface Written {
  readonly before: Buffer;
  readonly after: Buffer;
  /** `manifest.yaml:5`. */
  readonly place: string;
  readonly words: string;
}

/** Undefined when the mode is so already. */
async function write(manifest: string, bytes: Buffer, { stack, wish }: Change): Promise<Written | undefined> {
  const { service, mode } = wish;
  const edit = editMode(bytes, stack, wish);
  if (edit.kind === 'refused') throw new CommandError(`${edit.why}. Nothing was changed.`);
  if (edit.kind === 'unchanged') {
    talk(`${service} is in mode ${mode} already`);
    return undefined;
  }
  await replaceFile(manifest, bytes, edit.bytes);
  const place = `${relative(process.cwd(), manifest) || manifest}:${String(edit.line)}`;
  talk(`${pencil()} ${place} ${service}: mode ${edit.from} → ${mode}`);
  return { before: bytes, after: edit.bytes, place, words: `${service}: mode ${edit.from}` };
}

/** The stack follows at once, so that status does not go on telling of the request. */
async function putBack(session: Session, written: Written, timeoutMs: number): Promise<void> {
  try {
    await replaceFile(session.paths.manifest, written.after, written.before);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return talk(`${warning()} not put back: ${error.message}`);
  }
  talk(`${pencil()} ${written.place} ${written.words} again, as it was`);
  await deployIn({ ...session, startedAtMs: performance.now() }, { timeout: timeoutMs });
}

function pencil(): string {
  return paintFor(process.stderr)('cyan', '✎');
}

function warning(): string {
  return paintFor(process.stderr)('yellow', '!');
}
