/** `swiftdeploy teardown`: removes what carries the stack's labels, says what it removes and what it leaves. */
import type { Command } from 'commander';
import type { StackLock } from '../controller/stack-lock.js';
import { reasonOf } from '../reconcilers/docker/engine-errors.js';
import { findStack, removeStack, type Removal, type StackInventory } from '../reconcilers/teardown.js';
import { declareForStack, type Finish } from './basics/command.js';
import { confirm } from './basics/confirm.js';
import { CommandError, EXIT } from './basics/exit.js';
import { holderWords, tryLock } from './basics/lock.js';
import { refuseOthersStack } from './basics/other-home.js';
import { whichStack } from './basics/which-stack.js';
import type { CommonOptions, StackPaths } from './basics/paths.js';
import { openSession, type Session } from './basics/session.js';
import { paintFor, talk } from './basics/talk.js';
import { keptFiles, presentFiles, removeFiles, type KeptFiles } from './teardown/clean-files.js';
import { noteTeardown, noteUnfinished } from './teardown/torn-down.js';

export interface TeardownOptions extends CommonOptions {
  readonly clean?: boolean;
  readonly volumes?: boolean;
  readonly yes?: boolean;
}

export function addTeardown(program: Command, finish: Finish): void {
  declareForStack(program, 'teardown', 'teardown --clean --yes')
    .description("removes what carries the stack's labels, and nothing else")
    .option('--clean', 'also status.json, generated files and the state directory; history.jsonl stays')
    .option('--volumes', 'also the volumes, with their data')
    .option('-y, --yes', 'do not ask')
    .action(async (options) => finish(await teardown(options)));
}

/** Resolves with the exit code. */
export async function teardown(options: TeardownOptions): Promise<number> {
  const session = await openSession(options);
  const stack = await whichStack(session.paths);
  const lock = await lockOf(session, stack);
  try {
    await refuseOthersStack(session, stack);
    return await takeAway(session, stack, options);
  } finally {
    await lock.release();
  }
}

async function lockOf(session: Session, stack: string): Promise<StackLock> {
  const lock = await tryLock(session, stack);
  if (!('heldBy' in lock)) return lock;
  throw new CommandError(
    `stack ${stack} is controlled by ${holderWords(lock.heldBy)}, which would bring everything back: stop it first`,
  );
}

async function takeAway(session: Session, stack: string, options: TeardownOptions): Promise<number> {
  const { engine, paths } = session;
  const clean = options.clean === true;
  const inventory = await findStack(engine, stack);
  const files = clean ? await presentFiles(paths) : [];
  const doomed = [...doomedParts(inventory, options), ...files];
  if (doomed.length === 0) {
    talk(`nothing of stack ${stack} is there`);
    await sayKept(paths, inventory, options);
    return EXIT.ok;
  }
  if (!(await agreed(stack, doomed, options))) {
    talk('nothing was removed');
    return EXIT.failed;
  }
  const told = await removeParts(session, { stack, inventory, files }, options);
  await noteTeardown(paths, stack, { told, clean });
  for (const file of clean ? await removeFiles(paths) : []) talk(removedLine(file));
  await sayKept(paths, inventory, options);
  return told.some(({ kind }) => kind === 'left') ? EXIT.failed : EXIT.ok;
}

interface Doomed {
  readonly stack: string;
  readonly inventory: StackInventory;
  readonly files: readonly string[];
}

/** What went is in the history, also where it does not come to its end. */
async function removeParts(
  { engine, paths, stop }: Session,
  { stack, inventory, files }: Doomed,
  options: TeardownOptions,
): Promise<readonly Removal[]> {
  const told: Removal[] = [];
  const onRemoval = (removal: Removal) => {
    told.push(removal);
    talk(removalWords(removal));
  };
  const noteEnd = (why: string) => noteUnfinished(paths, stack, { told, why });
  try {
    await removeStack(engine, inventory, { volumes: options.volumes === true, onRemoval, signal: stop });
  } catch (error) {
    await noteEnd(`until the engine failed: ${reasonOf(error)}`);
    throw error;
  }
  const left = leftOf(doomedParts(inventory, options), told);
  if (!stop.aborted || left.length === 0) return told;
  await noteEnd('who interrupted it');
  throw new CommandError(interruptedWords([...left, ...files]), EXIT.interrupted);
}

/** What nothing was told of. */
function leftOf(parts: readonly string[], told: readonly Removal[]): readonly string[] {
  const names = told.map(({ what, name }) => `${what} ${name}`);
  return parts.filter((part) => !names.some((name) => part === name || part.startsWith(`${name},`)));
}

function interruptedWords(left: readonly string[]): string {
  return `interrupted; still there: ${left.join('; ')}. Another teardown goes on from here`;
}

function doomedParts(inventory: StackInventory, { volumes }: TeardownOptions): string[] {
  return [
    ...inventory.containers.map(({ name }) => `container ${name}`),
    ...inventory.networks.map(({ name }) => `network ${name}`),
    ...(volumes === true ? inventory.volumes.map((name) => `volume ${name}, with its data`) : []),
  ];
}

async function agreed(stack: string, doomed: readonly string[], { yes }: TeardownOptions): Promise<boolean> {
  if (yes === true) return true;
  if (!process.stdin.isTTY)
    throw new CommandError(
      `this would remove ${String(doomed.length)} parts of stack ${stack}; there is nobody to ask (no terminal): add --yes`,
    );
  talk(`Of stack ${stack}, this will be removed:\n${doomed.map((part) => `  ${part}`).join('\n')}`);
  return confirm('Go on?');
}

function removalWords(removal: Removal): string {
  if (removal.kind === 'removed') return removedLine(`${removal.what} ${removal.name}`);
  return `${paintFor(process.stderr)('yellow', '!')} left ${removal.what} ${removal.name}: ${removal.why}`;
}

function removedLine(what: string): string {
  return `${paintFor(process.stderr)('green', '✔')} removed ${what}`;
}

/** Only what is there. */
async function sayKept(
  paths: StackPaths,
  { volumes }: StackInventory,
  options: TeardownOptions,
): Promise<void> {
  const kept = [
    ...(options.volumes === true ? [] : volumes.map((name) => `volume ${name} (remove it with --volumes)`)),
    'images',
    ...fileWords(await keptFiles(paths), options),
  ];
  talk(`left: ${kept.join('; ')}`);
}

function fileWords({ history, status, state }: KeptFiles, { clean }: TeardownOptions): readonly string[] {
  const others = [...(status ? ['status.json'] : []), ...(state ? ['the state directory'] : [])];
  const why = clean === true ? 'with files that are not ours, or a mount' : 'remove with --clean';
  return [
    ...(history ? ['history.jsonl'] : []),
    ...(others.length === 0 ? [] : [`${others.join(' and ')} (${why})`]),
  ];
}
