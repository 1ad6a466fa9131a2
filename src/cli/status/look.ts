/** One look at a stack's files and at its lock: all that the page and the live view show. It changes nothing. */
import { stat } from 'node:fs/promises';
import { readSource } from '../../controller/read-source.js';
import { MAX_MANIFEST_BYTES } from '../../reconcilers/desired/decode-text.js';
import { CommandError, EXIT } from '../basics/exit.js';
import { controllerOf } from '../basics/lock.js';
import { stackPaths, type CommonOptions } from '../basics/paths.js';
import { openSession } from '../basics/session.js';
import type { LockSeen } from './controller-words.js';
import { newestNews } from './history-view.js';
import type { News } from './news-lines.js';
import { readStatus, type StatusDocument } from './status-document.js';

export interface Look extends News {
  readonly status: StatusDocument;
  /** status.json as it stands there. */
  readonly text: string;
  /** When it was written, ISO 8601. */
  readonly writtenAt?: string;
  /** The manifest on disk is another than the one that the status is about. */
  readonly manifestChanged: boolean;
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
    throw new CommandError(
      `there is no ${paths.status}: nothing was deployed from here, or it was torn down. "swiftdeploy deploy" deploys it`,
    );
  if (read.kind === 'unusable') throw new CommandError(`${paths.status} ${read.why}`);
  const { status, text } = read;
  const [writtenAt, events, manifestChanged] = await Promise.all([
    timeOf(paths.status),
    newestNews(paths.history, NEWS),
    isChanged(paths.manifest, status),
  ]);
  return { status, text, events, manifestChanged, ...(writtenAt === undefined ? {} : { writtenAt }) };
}

/** Who has the stack's lock. */
export async function lookAtLock(
  options: CommonOptions,
  { stack }: StatusDocument,
  stop: AbortSignal,
): Promise<LockSeen> {
  try {
    const { info } = await openSession(options, { timeoutMs: ENGINE_TIMEOUT_MS, stop });
    return { heldBy: await controllerOf(info, stack) };
  } catch {
    if (stop.aborted) throw new CommandError('interrupted', EXIT.interrupted);
    return 'no engine';
  }
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
