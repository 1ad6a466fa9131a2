/** Options that commands share, and how their values are read. */
import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../reconcilers/desired/duration.js';

export function timeoutOption(): Option {
  return new Option('--timeout <duration>', 'give up after this long')
    .argParser(durationOption)
    .default(60_000, '60s');
}

/** `60s`, `2m`, or bare seconds, to milliseconds. */
export function durationOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms === 0 || ms > MAX_TIMER_MS)
    throw new InvalidArgumentError('write a duration, as 60s or 2m');
  return ms;
}

/** Longer timers fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
