/** What the judge looks at: one request that the proxy sent to one replica. A request that was tried twice is two attempts. Types only. */
import type { Track } from '../plan/proxy-model.js';

/** Where an error came from: the app's own 5xx, no connection, no answer in time, an answer of 502, 503 or 504 or a broken one. */
export const ERROR_ORIGINS = ['app', 'connect', 'timeout', 'gateway'] as const;
export type ErrorOrigin = (typeof ERROR_ORIGINS)[number];

/** `aborted`: the user went away first; it speaks for nobody. */
export type AttemptOutcome = 'ok' | ErrorOrigin | 'aborted';

/** Whose replica it was: `other` is on a track that another version has, and is judged by nobody now. */
export type Whose = Track | 'other';

export interface Attempt {
  readonly service: string;
  /** Whose replica it was, whatever track the user was meant for. */
  readonly track: Track;
  /** When its request ended; epoch milliseconds. */
  readonly atMs: number;
  readonly outcome: AttemptOutcome;
  /** How long the replica took, milliseconds. */
  readonly durationMs: number;
}
