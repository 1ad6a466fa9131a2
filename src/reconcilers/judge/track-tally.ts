/** One track's attempts, counted. It must not decide what may be counted. */
import { ERROR_ORIGINS, type Attempt, type ErrorOrigin } from './attempt.js';

/** What an attempt says of its replica. */
export interface Mark {
  /** It speaks for or against the replica. */
  readonly counts: boolean;
  /** Of an error. */
  readonly origin?: ErrorOrigin;
  readonly isSlow: boolean;
}

/**
 * A user who leaves speaks for nobody; unless the answer had let them wait for longer than is slow: a replica that hangs would never be
 * judged where users are less patient than the proxy.
 */
export function markOf({ outcome, durationMs }: Attempt, slowMs: number): Mark {
  const isSlow = durationMs > slowMs;
  if (outcome === 'aborted') return { counts: isSlow, isSlow };
  return outcome === 'ok' ? { counts: true, isSlow } : { counts: true, isSlow, origin: outcome };
}

export class TrackTally {
  requests = 0;
  errors = 0;
  slow = 0;
  clientAborts = 0;
  readonly byOrigin: Record<ErrorOrigin, number> = noErrors();

  add({ outcome }: Attempt, { counts, isSlow, origin }: Mark): void {
    if (outcome === 'aborted') this.clientAborts += 1;
    if (!counts) return;
    this.requests += 1;
    if (isSlow) this.slow += 1;
    if (origin === undefined) return;
    this.errors += 1;
    this.byOrigin[origin] += 1;
  }

  addAll(other: TrackTally): void {
    this.requests += other.requests;
    this.errors += other.errors;
    this.slow += other.slow;
    this.clientAborts += other.clientAborts;
    for (const origin of ERROR_ORIGINS) this.byOrigin[origin] += other.byOrigin[origin];
  }
}

function noErrors(): Record<ErrorOrigin, number> {
  return Object.fromEntries(ERROR_ORIGINS.map((origin) => [origin, 0])) as Record<ErrorOrigin, number>;
}
