/** The faults that a person can switch on in a canary: what a command means, and what it does to one request. */
import { setTimeout as delay } from 'node:timers/promises';

export type ChaosState =
  | { readonly mode: 'recover' }
  | { readonly mode: 'slow'; readonly durationSeconds: number }
  | { readonly mode: 'error'; readonly rate: number };

export type ChaosCommand =
  { readonly valid: true; readonly state: ChaosState } | { readonly valid: false; readonly error: string };

export const NO_CHAOS: ChaosState = { mode: 'recover' };

/** The longest delay that a timer keeps; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Reads the body of `POST /chaos`. */
export function parseChaosCommand(body: unknown): ChaosCommand {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return invalid('body must be a JSON object');
  const command = body as Record<string, unknown>;
  switch (command.mode) {
    case 'slow':
      return isNumberIn(command.duration, 0, Number.MAX_VALUE)
        ? { valid: true, state: { mode: 'slow', durationSeconds: command.duration } }
        : invalid('duration must be a number of seconds, 0 or more');
    case 'error':
      return isNumberIn(command.rate, 0, 1)
        ? { valid: true, state: { mode: 'error', rate: command.rate } }
        : invalid('rate must be a number between 0 and 1');
    case 'recover':
      return { valid: true, state: NO_CHAOS };
    default:
      return invalid('mode must be one of slow, error, recover');
  }
}

/** Suffers the current fault: waits when slow; resolves with true when the request must fail. */
export async function sufferChaos(state: ChaosState, signal: AbortSignal): Promise<boolean> {
  if (state.mode === 'slow') {
    await delay(Math.min(state.durationSeconds * 1_000, LONGEST_TIMER_MS), undefined, { signal });
  }
  return state.mode === 'error' && Math.random() < state.rate;
}

function invalid(error: string): ChaosCommand {
  return { valid: false, error };
}

function isNumberIn(value: unknown, low: number, high: number): value is number {
  return typeof value === 'number' && value >= low && value <= high;
}
