/**
 * Whose attempt it was and how it ended, from one request of the judge's log. Everything here is read from what nginx wrote: whose
 * replica was asked by its address, who failed by which moment never came.
 */
import type { Attempt, AttemptOutcome, Whose } from './attempt.js';
import type { JudgedRequest, Try } from './parse-judge-log.js';

const USER_LEFT = 499;
const GATEWAY_TIMEOUT = 504;
/** What nginx says to the user for an answer that is no HTTP is less. */
const FIRST_STATUS = 100;
const FIRST_ERROR = 500;
const GATEWAY_ERRORS: readonly number[] = [502, 503, 504];

/** One for each server that was turned to, and is of a version that is judged. */
export function attemptsOf(request: JudgedRequest, { addresses, isCut }: Known): readonly Attempt[] {
  const { service, endedAtMs, tries } = request;
  const asked = tries.filter(({ address }) => tries.length === 1 || isServer(address));
  return asked.flatMap((one, index) => {
    const track = addresses.get(hostOf(one.address)) ?? request.track;
    if (track === 'other') return [];
    const isAnswer = index === asked.length - 1;
    const { outcome, durationMs } = isAnswer ? answerOf(one, request, isCut) : endingOf(one, one.responseMs);
    return { service, track, atMs: endedAtMs, outcome, durationMs };
  });
}

/** What the line itself does not say. */
interface Known {
  /** Whose a server is, by its IP address. */
  readonly addresses: ReadonlyMap<string, Whose>;
  /** nginx said that the answer was broken off by who made it. */
  readonly isCut: boolean;
}

type Ending = Pick<Attempt, 'outcome' | 'durationMs'>;

function endingOf(one: Try, durationMs = 0): Ending {
  return { outcome: outcomeOf(one), durationMs };
}

/** Of the attempt that made the answer. */
function answerOf(one: Try, request: JudgedRequest, isCut: boolean): Ending {
  const ending = endingOf(one, request.isStream ? one.headerMs : one.responseMs);
  if (ending.outcome !== 'ok') return ending;
  if (wasLeft(request)) return { outcome: 'aborted', durationMs: one.headerMs ?? 0 };
  const isBroken = isCut || isNoHttp(request) || endedEarly(one, request);
  return isBroken ? { ...ending, outcome: 'gateway' } : ending;
}

/** nginx passes on what has no status line, and takes it for a 200 of HTTP/0.9: only the status for the user tells. */
function isNoHttp({ status }: JudgedRequest): boolean {
  return status < FIRST_STATUS;
}

/** The ordered table: the first line that fits is the outcome. */
function outcomeOf({ status, connectMs, headerMs }: Try): AttemptOutcome {
  if (status === undefined) return 'aborted';
  if (status < FIRST_ERROR) return 'ok';
  if (headerMs === undefined && connectMs === undefined) return 'connect';
  if (headerMs === undefined) return status === GATEWAY_TIMEOUT ? 'timeout' : 'gateway';
  return GATEWAY_ERRORS.includes(status) ? 'gateway' : 'app';
}

/** The user did not wait for the end of an answer that had begun. How fast it began is all that is known. */
function wasLeft({ status, isComplete, isStream }: JudgedRequest): boolean {
  return status === USER_LEFT || (!isComplete && !isStream);
}

/** Less came than was promised. An answer without a body (HEAD, 304) may promise one. */
function endedEarly({ bodyLength = 0 }: Try, { contentLength = 0 }: JudgedRequest): boolean {
  return bodyLength > 0 && bodyLength < contentLength;
}

/** Else it is an upstream's name: nginx had no server left to choose, which after another attempt says nothing new. */
function isServer(address: string): boolean {
  return /:\d+$/.test(address);
}

/** `10.0.0.5:3000` and `[fd00::5]:3000` without their ports. */
function hostOf(address: string): string {
  const host = address.slice(0, Math.max(0, address.lastIndexOf(':')));
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
