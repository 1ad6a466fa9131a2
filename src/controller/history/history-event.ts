/**
 * One event of a stack's history, and its form as a line: JSON that carries the SHA-256 of the line before.
 * Pure; the hash is over a line's bytes without its newline.
 */

import { hash } from 'node:crypto';

/** Every event name; `schema/history.schema.json` lists the same. */
export const HISTORY_EVENTS = [
  'deploy',
  'promote',
  'status_scrape',
  'rollback',
  'canary_step',
  'canary_share',
  'canary_look',
  'policy_denied',
  'policy_warning',
  'policy_overridden',
  'policy_changed',
  'policy_rejected',
  'drift_detected',
  'drift_healed',
  'replica_failed',
  'replica_unstable',
  'source_changed',
  'source_rejected',
  'source_pruned',
  'manifest_changed',
  'manifest_invalid',
  'suspended',
  'resumed',
  'chaos',
  'controller_started',
  'controller_stopped',
  'history_repaired',
  'notes_outdated',
  'step',
] as const;

export type HistoryEventName = (typeof HISTORY_EVENTS)[number];

/** What a caller says: a name and any JSON fields; `seq`, `timestamp` and `prev` are the log's own and may not be given. */
export interface HistoryEventInput {
  readonly event: HistoryEventName;
  readonly seq?: never;
  readonly timestamp?: never;
  readonly prev?: never;
  readonly [field: string]: unknown;
}

/** One line of `history.jsonl`. */
export interface HistoryEvent {
  /** From 1, without gaps. */
  readonly seq: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly timestamp: string;
  /** A `HistoryEventName`, or one that a newer version writes. */
  readonly event: string;
  /** `sha256:` and the hex digest of the line before. */
  readonly prev: string;
  readonly [field: string]: unknown;
}

/** Where a chain stands: the last event's number, and the digest that the next line must carry. */
export interface ChainHead {
  readonly seq: number;
  readonly prev: string;
}

/** The head of an empty chain. */
export const GENESIS: ChainHead = { seq: 0, prev: `sha256:${'0'.repeat(64)}` };

/** `sha256:<hex>` of a line's bytes, newline excluded. */
export function lineDigest(line: Uint8Array): string {
  return `sha256:${hash('sha256', line)}`;
}

/** The line, newline excluded, of the event that follows `head`; throws for what JSON cannot hold. */
export function encodeEvent(head: ChainHead, input: HistoryEventInput, timestamp: string): Buffer {
  const { seq, prev } = { seq: head.seq + 1, prev: head.prev };
  // The log's own fields come again last, so that no caller can override them; JSON keeps their first place.
  const event = Object.assign({ seq, timestamp, event: input.event }, input, { seq, timestamp, prev });
  return Buffer.from(JSON.stringify(event));
}

/** The event that a line holds; undefined if it holds none. */
export function decodeEvent(line: Uint8Array): HistoryEvent | undefined {
  try {
    const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isHistoryEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isHistoryEvent(value: unknown): value is HistoryEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, timestamp, event, prev } = value as Partial<Record<string, unknown>>;
  if (!Number.isSafeInteger(seq)) return false;
  return [timestamp, event, prev].every((field) => typeof field === 'string');
}
