/** `--since`: how long ago, or since when. */
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../reconcilers/desired/duration.js';

/** `10m` before `now`, or an ISO 8601 time, as epoch milliseconds. */
export function sinceOption(value: string, now: number): number {
  const ago = parseDuration(value);
  if (ago !== undefined) return now - ago;
  const at = ISO.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(at))
    throw new InvalidArgumentError('write how long ago, as 10m, or since when, as 2026-05-05T20:55:00Z');
  return at;
}

const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
