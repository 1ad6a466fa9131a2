/** Who controls the stack, or since when nobody does and how that is known. Pure. */
import type { HeldBy, LockHolder } from '../../controller/lock-holder.js';
import { ageWords, spanWords } from '../basics/age-words.js';
import { PERMISSION_CURE } from '../basics/error-words.js';
import { holderWords, otherManifestWords } from '../basics/lock.js';
import type { ToldEvent } from '../telling/event-words.js';

/** The engine's id is part of the lock's name: without an engine nobody can say who has it. */
export type LockSeen =
  | { readonly heldBy: HeldBy | undefined }
  /** Whoever controls the stack writes another status.json than this one. */
  | { readonly heldBy: LockHolder; readonly isFromOther: true }
  | NoEngine
  | 'not asked';

export type NoEngine = 'no engine' | 'no permission';

export interface ControllerFacts {
  readonly lock: LockSeen;
  /** Oldest first; as far back as was read. */
  readonly events: readonly (ToldEvent & { readonly timestamp: string })[];
  /** The process that wrote status.json. */
  readonly writer?: { readonly pid: number } | undefined;
  /** That process lives, and has no valid manifest yet that says whose lock to take. */
  readonly isWaiting?: boolean;
  /** When status.json was last written, ISO 8601. */
  readonly writtenAt?: string | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** One sentence, without its end. */
export function controllerWords(facts: ControllerFacts): string {
  const { lock } = facts;
  if (isNoEngine(lock)) return `${NO_ENGINE_WORDS[lock]}: this is what was seen last`;
  if (lock === 'not asked') return 'asking who controls it';
  if (isOfOther(lock)) return `${otherManifestWords(lock.heldBy)}: this is what was seen last`;
  const { heldBy } = lock;
  if (heldBy === undefined) return waitingWords(facts) ?? goneWords(facts);
  if (heldBy === 'unknown') return `controller: ${holderWords(heldBy)}: this is what was seen last`;
  if (heldBy.pid === controllerPid(facts)) return `controller: ${holderWords(heldBy)}`;
  if (heldBy.purpose === 'look') return goneWords(facts);
  return `${goneWords(facts)}; a command, process ${String(heldBy.pid)}, is at work`;
}

/** Of a controller of this stack that has not written its first status; undefined where there is none. */
export function startingWords(lock: LockSeen, now: number): string | undefined {
  if (typeof lock === 'string' || isOfOther(lock)) return undefined;
  const { heldBy } = lock;
  if (heldBy === undefined || heldBy === 'unknown' || heldBy.purpose === 'look') return undefined;
  const span = spanWords(heldBy.startedAt, now);
  const since = span === undefined ? 'has just begun to start' : `has been starting for ${span}`;
  return `process ${String(heldBy.pid)} ${since}: status.json comes with its first look at the stack, for which the policies are checked first`;
}

const NO_ENGINE_WORDS: Readonly<Record<NoEngine, string>> = {
  'no engine': 'the container engine does not answer',
  'no permission': `you may not use the container engine (${PERMISSION_CURE})`,
};

export function isNoEngine(lock: LockSeen): lock is NoEngine {
  return lock === 'no engine' || lock === 'no permission';
}

/** Is what stands here frozen, while the stack goes on elsewhere? */
export function isOfOther(lock: LockSeen): lock is Extract<LockSeen, { readonly isFromOther: true }> {
  return typeof lock === 'object' && 'isFromOther' in lock;
}

/** A command takes the same lock for its moment, and starts no controller. */
function controllerPid({ events, writer }: ControllerFacts): unknown {
  return newest(events, 'controller_started')?.pid ?? writer?.pid;
}

function waitingWords({ isWaiting = false, writer }: ControllerFacts): string | undefined {
  return isWaiting && writer !== undefined
    ? `controller: process ${String(writer.pid)} waits for a valid manifest`
    : undefined;
}

/** A controller that ends in order says so; from a killed one there is only what it did last. */
function goneWords({ events, writtenAt, now }: ControllerFacts): string {
  const last = events.findLast(
    ({ event }) => event === 'controller_stopped' || event === 'controller_started',
  );
  if (last?.event === 'controller_stopped')
    return `controller not running since ${momentWords(last.timestamp, now)}`;
  const sign = lastSign(events, writtenAt);
  if (sign === undefined) return 'controller not running';
  const gone = last === undefined ? 'controller not running' : 'controller not running, it was killed';
  return `${gone}; last heard of at ${momentWords(sign, now)}`;
}

/** What a command writes without a controller says nothing about one. */
function lastSign(events: ControllerFacts['events'], writtenAt: string | undefined): string | undefined {
  const isCommands = ({ event }: ToldEvent) => event === 'status_scrape' || event === 'chaos';
  const newestEvent = events.at(-1);
  if (newestEvent === undefined || !isCommands(newestEvent)) return writtenAt ?? newestEvent?.timestamp;
  return events.findLast((event) => !isCommands(event))?.timestamp;
}

function newest(events: ControllerFacts['events'], name: string) {
  return events.findLast(({ event }) => event === name);
}

function momentWords(timestamp: string, now: number): string {
  return `${timestamp.replace(/\.\d+Z$/, 'Z')} (${ageWords(timestamp, now)})`;
}
