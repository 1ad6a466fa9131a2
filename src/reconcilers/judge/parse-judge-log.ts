/**
 * One line of the judge's log (../proxy/judge-log.ts) as data. Every field is checked: a line that is not exactly what the proxy writes
 * is no line, whoever wrote it. It must not judge.
 */
import type { Track } from '../plan/proxy-model.js';
import {
  JUDGE_LOG_BETWEEN_ATTEMPTS,
  JUDGE_LOG_FIELDS,
  JUDGE_LOG_PREFIX,
  JUDGE_LOG_SEPARATOR,
  type JudgeLogField,
} from '../proxy/judge-log.js';

/** One request of a user, with all that the proxy tried for it. */
export interface JudgedRequest {
  readonly service: string;
  /** The one that the user was meant for. */
  readonly track: Track;
  readonly endedAtMs: number;
  /** What the user got. */
  readonly status: number;
  /** False: the user did not wait for the end. */
  readonly isComplete: boolean;
  /** Bytes that the answer promised; undefined where it did not. */
  readonly contentLength: number | undefined;
  /** The number of the user's connection. */
  readonly connection: number;
  /** A WebSocket or the like: its age says nothing of how fast it was answered. */
  readonly isStream: boolean;
  readonly tries: readonly Try[];
}

/** One server that the proxy turned to. Times are milliseconds; undefined is what never came. */
export interface Try {
  /** As nginx writes it: IP:PORT, or the upstream's name when it had no server to choose. */
  readonly address: string;
  readonly status: number | undefined;
  readonly connectMs: number | undefined;
  readonly headerMs: number | undefined;
  readonly responseMs: number | undefined;
  /** Bytes of the answer's body that came. */
  readonly bodyLength: number | undefined;
}

const OPENING = JUDGE_LOG_PREFIX + JUDGE_LOG_SEPARATOR;
const NOTHING = '-';
const FIELD_COUNT = 1 + JUDGE_LOG_FIELDS.length;
const AT = Object.fromEntries(JUDGE_LOG_FIELDS.map(([name], index) => [name, index + 1])) as Readonly<
  Record<JudgeLogField, number>
>;

/** It begins as the judge's lines do; nginx's own messages begin with a date. */
export function isJudgeLine(text: string): boolean {
  return text.startsWith(OPENING);
}

/** Absent for anything but a whole and well-formed line. */
export function parseJudgeLine(text: string): JudgedRequest | undefined {
  const fields = fieldsOf(text);
  if (fields.length !== FIELD_COUNT || fields[0] !== JUDGE_LOG_PREFIX || !hasPlainRest(fields))
    return undefined;
  const track = fields[AT.track];
  const completion = fields[AT.completion];
  const endedAtMs = milliseconds(fields[AT.endedAt]);
  const status = wholeNumber(fields[AT.status]);
  const contentLength = optional(fields[AT.contentLength], wholeNumber);
  const connection = wholeNumber(fields[AT.connection]);
  const isStream = flag(fields[AT.stream]);
  const tries = triesOf(fields);
  if (track !== 'stable' && track !== 'canary') return undefined;
  if (completion !== 'OK' && completion !== '') return undefined;
  if (endedAtMs === INVALID || status === INVALID || contentLength === INVALID) return undefined;
  if (connection === INVALID || tries === undefined || isStream === undefined) return undefined;
  const service = fields[AT.service] ?? '';
  const isComplete = completion === 'OK';
  return { service, track, endedAtMs, status, isComplete, tries, contentLength, connection, isStream };
}

function flag(text: string | undefined): boolean | undefined {
  if (text === '1') return true;
  return text === '0' ? false : undefined;
}

type Fields = readonly string[];

/** Half the time of `split`, which was a quarter of all that a line takes (bench/judge-log.ts); one too many is enough to refuse it. */
function fieldsOf(text: string): Fields {
  const fields: string[] = [];
  let start = 0;
  for (let end = text.indexOf(JUDGE_LOG_SEPARATOR); end >= 0 && fields.length < FIELD_COUNT;) {
    fields.push(text.slice(start, end));
    start = end + JUDGE_LOG_SEPARATOR.length;
    end = text.indexOf(JUDGE_LOG_SEPARATOR, start);
  }
  fields.push(text.slice(start));
  return fields;
}

/** What nobody reads is checked all the same: a line cut short must not pass for a whole one. */
function hasPlainRest(fields: Fields): boolean {
  return (
    fields[AT.service] !== '' &&
    milliseconds(fields[AT.requestTime]) !== INVALID &&
    wholeNumber(fields[AT.requestLength]) !== INVALID
  );
}

const LISTS = [
  'upstreamAddress',
  'upstreamStatus',
  'upstreamConnectTime',
  'upstreamHeaderTime',
  'upstreamResponseTime',
  'upstreamResponseLength',
] as const satisfies readonly JudgeLogField[];

/** Absent where the lists do not belong together; empty for a request that reached no upstream. Nearly every one is tried once. */
function triesOf(fields: Fields): readonly Try[] | undefined {
  const addresses = fields[AT.upstreamAddress] ?? '';
  if (addresses === NOTHING) return LISTS.every((name) => fields[AT[name]] === NOTHING) ? [] : undefined;
  if (!addresses.includes(' ')) return allOf([tryOf(fields)]);
  const lists = LISTS.map((name) => (fields[AT[name]] ?? '').split(JUDGE_LOG_BETWEEN_ATTEMPTS));
  const [first = []] = lists;
  if (lists.some(({ length }) => length !== first.length)) return undefined;
  return allOf(first.map((_, attempt) => tryOf(withItems(fields, lists, attempt))));
}

/** The line as it would be, had this been its only attempt. */
function withItems(fields: Fields, lists: readonly Fields[], attempt: number): Fields {
  const line = [...fields];
  for (const [list, name] of LISTS.entries()) line[AT[name]] = lists[list]?.[attempt] ?? '';
  return line;
}

function allOf(tries: readonly (Try | undefined)[]): readonly Try[] | undefined {
  return tries.includes(undefined) ? undefined : (tries as readonly Try[]);
}

function tryOf(fields: Fields): Try | undefined {
  const address = fields[AT.upstreamAddress] ?? '';
  const status = optional(fields[AT.upstreamStatus], wholeNumber);
  const connectMs = optional(fields[AT.upstreamConnectTime], milliseconds);
  const headerMs = optional(fields[AT.upstreamHeaderTime], milliseconds);
  const responseMs = optional(fields[AT.upstreamResponseTime], milliseconds);
  const bodyLength = optional(fields[AT.upstreamResponseLength], wholeNumber);
  if (address === '' || status === INVALID || connectMs === INVALID) return undefined;
  if (headerMs === INVALID || responseMs === INVALID || bodyLength === INVALID) return undefined;
  return { address, status, connectMs, headerMs, responseMs, bodyLength };
}

const INVALID = -1;

function optional(text: string | undefined, read: (text: string | undefined) => number): number | undefined {
  return text === NOTHING ? undefined : read(text);
}

const POINT = 0x2e;

/** Seconds with three decimals, as nginx writes them. */
function milliseconds(text = ''): number {
  const point = text.length - 4;
  if (text.charCodeAt(point) !== POINT) return INVALID;
  const seconds = digits(text, 0, point);
  const rest = digits(text, point + 1, text.length);
  return seconds === INVALID || rest === INVALID ? INVALID : seconds * 1000 + rest;
}

function wholeNumber(text = ''): number {
  return digits(text, 0, text.length);
}

const ZERO = 0x30;
const LONGEST = 15;

/** Digits and nothing else; no number that a double cannot hold. */
function digits(text: string, start: number, end: number): number {
  if (end <= start || end - start > LONGEST) return INVALID;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return INVALID;
    value = value * 10 + digit;
  }
  return value;
}
