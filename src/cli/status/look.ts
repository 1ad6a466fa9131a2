/** One look at a stack's files and at its engine: all that the page and the live view show. It changes nothing. */
import { stat } from 'node:fs/promises';
import { readSource } from '../../controller/read-source.js';
import { MAX_MANIFEST_BYTES } from '../../reconcilers/desired/decode-text.js';
import { isPermissionMissing } from '../basics/error-words.js';
import { CommandError, EXIT } from '../basics/exit.js';
import { isAlive } from '../basics/is-alive.js';
import { controllerOf, isFromOther } from '../basics/lock.js';
import { containersOf } from '../basics/containers-of.js';
import { stackPaths, type CommonOptions, type StackPaths } from '../basics/paths.js';
import { openSession, type Session } from '../basics/session.js';
import { stackByNotes } from '../basics/which-stack.js';
import { asSeen, type SeenContainer } from './as-seen.js';
import { startingWords, type LockSeen } from './controller-words.js';
import { newestNews } from './history-view.js';
import type { News } from './news-lines.js';
import { readStatus, type StatusDocument } from './status-document.js';

export interface Look extends News {
  readonly status: StatusDocument;
  /** status.json as it stands there, or as it would, had a controller seen what was. */
  readonly text: string;
  /** When it was written, ISO 8601. */
  readonly writtenAt?: string;
  /** The manifest on disk is another than the one that the status is about. */
  readonly manifestChanged: boolean;
  /** Its writer lives, and has no valid manifest yet. */
  readonly isWaiting?: boolean;
  readonly lock: LockSeen;
  /** Why this may not be how things are, in words. */
  readonly trouble?: string;
}

const ENGINE_TIMEOUT_MS = 2000;
/** More than a tall terminal shows. */
const NEWS = 100;

/** What the files say; throws in words where there is no status. */
export async function lookAtFiles(options: CommonOptions): Promise<Omit<Look, 'lock'>> {
  const paths = stackPaths(options);
  const read = await readStatus(paths.status);
  if (read.kind === 'missing')
    throw new CommandError(`there is no ${paths.status}: ${await absenceWords(options, paths)}`);
  if (read.kind === 'unusable') throw new CommandError(`${paths.status} ${read.why}`);
  const { status, text } = read;
  const [writtenAt, events, manifestChanged] = await Promise.all([
    timeOf(paths.status),
    newestNews(paths.history, NEWS),
    isChanged(paths.manifest, status),
  ]);
  const isWaiting = isWaitingForManifest(status);
  return {
    status,
    text,
    events,
    manifestChanged,
    isWaiting,
    ...(writtenAt === undefined ? {} : { writtenAt }),
  };
}

/** Before a controller's first look there is no status, and whoever starts it wants to know that it is at work. */
async function absenceWords(options: CommonOptions, paths: StackPaths): Promise<string> {
  const stack = await stackByNotes(paths);
  const lock = stack === undefined ? 'not asked' : await lookAtLock(options, { stack }, AbortSignal.any([]));
  return startingWords(lock, Date.now()) ?? NOTHING_HERE;
}

const NOTHING_HERE =
  'nothing was deployed from here, or it was torn down ("swiftdeploy deploy" deploys it); where somebody removed the file, a controller that runs writes it again within 30 s';

/** What the engine says now. */
export interface EngineLook {
  readonly lock: LockSeen;
  /** Only where no controller tells what became of them. */
  readonly containers?: readonly SeenContainer[];
}

export function lookAtEngine(
  options: CommonOptions,
  { stack }: StatusDocument,
  stop: AbortSignal,
): Promise<EngineLook> {
  return asking(options, stop, async (session) => {
    const lock = await lockOf(session, stack);
    return isLookedAfter(lock) ? { lock } : { lock, containers: await containersOf(session.engine, stack) };
  });
}

/** Who has the stack's lock. */
export async function lookAtLock(
  options: CommonOptions,
  { stack }: Pick<StatusDocument, 'stack'>,
  stop: AbortSignal,
): Promise<LockSeen> {
  const { lock } = await asking(options, stop, async (session) => ({ lock: await lockOf(session, stack) }));
  return lock;
}

async function asking(
  options: CommonOptions,
  stop: AbortSignal,
  ask: (session: Session) => Promise<EngineLook>,
): Promise<EngineLook> {
  try {
    return await ask(await openSession(options, { timeoutMs: ENGINE_TIMEOUT_MS, stop }));
  } catch (error) {
    if (stop.aborted) throw new CommandError('interrupted', EXIT.interrupted);
    return { lock: isPermissionMissing(error) ? 'no permission' : 'no engine' };
  }
}

async function lockOf({ info, paths }: Session, stack: string): Promise<LockOf> {
  const heldBy = await controllerOf(info, stack);
  if (heldBy === undefined || heldBy === 'unknown' || heldBy.purpose === 'look') return { heldBy };
  return (await isFromOther(heldBy, paths.manifest)) ? { heldBy, isFromOther: true } : { heldBy };
}

type LockOf = Exclude<LockSeen, string>;

/** Whoever only looks tells nobody what became of the containers. */
function isLookedAfter({ heldBy }: LockOf): boolean {
  return heldBy !== undefined && (heldBy === 'unknown' || heldBy.purpose !== 'look');
}

/** The files by what the engine says. */
export function lookOf<F extends Omit<Look, 'lock'>>(
  files: F,
  { lock, containers }: EngineLook,
  now: Date,
): F & Pick<Look, 'lock'> {
  const status = containers === undefined ? files.status : asSeen(files.status, containers, now);
  const text = status === files.status ? files.text : `${JSON.stringify(status, null, 2)}\n`;
  return { ...files, status, text, lock };
}

/** Of a command that ended, as of a controller that was killed, no process is left. */
function isWaitingForManifest({ generation, controller }: StatusDocument): boolean {
  return generation === 0 && controller !== undefined && isAlive(controller.pid);
}

async function timeOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.mtime.toISOString();
}

/** False when nobody can tell. */
async function isChanged(path: string, { manifest }: StatusDocument): Promise<boolean> {
  const source = await readSource(path, MAX_MANIFEST_BYTES);
  if (manifest.sha256 === undefined || source.kind === 'unreadable') return false;
  return source.sha256 !== manifest.sha256;
}
