/** Waiting for a condition of the world: looked at every few milliseconds, with a deadline that says what was seen last. */
import { setTimeout as sleep } from 'node:timers/promises';
import { machineNow } from './machine-clock.js';

export interface UntilOptions {
  /** Of the machine's own time. */
  readonly timeoutMs?: number;
  readonly pollMs?: number;
  /** What a person needs to understand the failure. */
  readonly explain?: () => string | Promise<string>;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const POLL_MS = 20;

type Look<T> = () => T | Promise<T>;

/** The first value of `look` that is neither undefined nor false; throws at the deadline. */
export async function until<T>(
  what: string,
  look: Look<T>,
  { timeoutMs = DEFAULT_TIMEOUT_MS, pollMs = POLL_MS, explain = () => '' }: UntilOptions = {},
): Promise<Exclude<T, undefined | false>> {
  const deadline = machineNow() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen as Exclude<T, undefined | false>;
    if (machineNow() > deadline)
      throw new Error(`not within ${String(timeoutMs / 1000)} s: ${what}\n${await explain()}`);
    await sleep(pollMs);
  }
}
