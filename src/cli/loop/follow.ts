/** Waits for a controller that already runs: reads what it writes, and tells it on. It changes nothing; before it believes a "no" it asks the controller to look. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Condition } from '../../controller/conditions.js';
import { readSource } from '../../controller/read-source.js';
import { MAX_MANIFEST_BYTES } from '../../reconcilers/desired/decode-text.js';
import { EXIT } from '../basics/exit.js';
import type { EventFollower } from '../status/history-view.js';
import { controllerOf } from '../basics/lock.js';
import { FreshLook } from '../reconcile/fresh-look.js';
import type { End, Reporter } from '../telling/reporter.js';
import type { Session } from '../basics/session.js';
import { readStatus, type StatusDocument } from '../status/status-document.js';
import { verdictOf } from './verdict.js';

export interface FollowOptions {
  readonly session: Session;
  readonly stack: string;
  readonly reporter: Reporter;
  readonly events: EventFollower;
  readonly timeoutMs: number;
  readonly deadlineAtMs: number;
}

const POLL_MS = 150;
const HOLDER_POLL_MS = 1000;

/** How it ended; undefined when the controller has gone and somebody else must go on. */
export async function follow(options: FollowOptions): Promise<End | undefined> {
  // Of a status nobody can tell whether its "no" is older than the policies, or the override, that are there now.
  const since = new FreshLook(options.session.paths.stateDir);
  try {
    return await followUntil(since, options);
  } finally {
    await since.withdraw();
  }
}

async function followUntil(since: FreshLook, options: FollowOptions): Promise<End | undefined> {
  const { session, deadlineAtMs, timeoutMs } = options;
  let askHolderAtMs = performance.now() + HOLDER_POLL_MS;
  for (;;) {
    const isNew = await since.isTaken();
    const sight = await look(options);
    const now = performance.now();
    const code = sight.isCurrent ? verdictOf(sight.conditions) : undefined;
    if (code === EXIT.ok || (code !== undefined && isNew)) return endOf(code, sight, options);
    if (session.stop.aborted) return endOf(EXIT.interrupted, sight, options);
    if (now > deadlineAtMs)
      return { ...(await endOf(EXIT.failed, sight, options)), timeoutMs, ...(await silenceOf(options)) };
    if (code !== undefined) await since.ask();
    if (now > askHolderAtMs) {
      if ((await controllerOf(session.info, options.stack)) === undefined) return undefined;
      askHolderAtMs = performance.now() + HOLDER_POLL_MS;
    }
    await sleep(POLL_MS, undefined, { signal: session.stop }).catch(() => undefined);
  }
}

/** Of one that is stopped nothing can be expected, and what it wrote last is old. */
async function silenceOf({ session, stack }: FollowOptions): Promise<Pick<End, 'isUnanswered'>> {
  return (await controllerOf(session.info, stack)) === 'unknown' ? { isUnanswered: true } : {};
}

interface Sight {
  /** The controller has seen the manifest as it is now. */
  readonly isCurrent: boolean;
  readonly conditions: readonly Condition[];
  readonly url?: string;
  /** While the controller has written nothing. */
  readonly awaited?: string;
}

const FIRST_STATUS = 'a status.json, which the controller writes when it has looked';

async function look({ session, reporter, events }: FollowOptions): Promise<Sight> {
  const [read, sha256] = await Promise.all([
    readStatus(session.paths.status),
    digestOf(session.paths.manifest),
  ]);
  for (const event of await events.next()) reporter.onEvent(event);
  if (read.kind !== 'status') return { isCurrent: false, conditions: [], awaited: FIRST_STATUS };
  const { status } = read;
  const isCurrent = sha256 !== undefined && status.manifest.sha256 === sha256;
  if (isCurrent) sayProgress(status, reporter);
  const url = status.url === undefined ? {} : { url: status.url };
  return { isCurrent, conditions: status.conditions, ...url };
}

function sayProgress({ conditions }: StatusDocument, reporter: Reporter): void {
  const reconciling = conditions.find(({ type }) => type === 'Reconciling');
  if (reconciling?.status === 'True') reporter.onProgress(reconciling.message);
}

/** Events are on disk before the status that they led to: one more look tells all of them. */
async function endOf(code: number, sight: Sight, { events, reporter }: FollowOptions): Promise<End> {
  for (const event of await events.next()) reporter.onEvent(event);
  const { conditions, isCurrent, ...rest } = sight;
  return { code, conditions: isCurrent ? conditions : conditions.map(unseen), ...rest };
}

/** What is said about an older manifest says nothing about this one. */
function unseen(condition: Condition): Condition {
  if (condition.type === 'Stalled') return { ...condition, status: 'Unknown' };
  return condition.type === 'Ready'
    ? { ...condition, status: 'Unknown', message: 'the controller has not taken up this manifest yet' }
    : condition;
}

/** As the controller reads it: whatever is no file has none. */
async function digestOf(path: string): Promise<string | undefined> {
  const source = await readSource(path, MAX_MANIFEST_BYTES);
  return source.kind === 'content' ? source.sha256 : undefined;
}
