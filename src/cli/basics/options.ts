/** Options that commands share, and how their values are read. */
import { InvalidArgumentError, Option } from 'commander';
import { isListenAddress } from '../../controller/http-listener.js';
import { parseDuration } from '../../reconcilers/desired/duration.js';
import { shownText } from '../../reconcilers/policy/override.js';

export function manifestOption(): Option {
  return new Option('-f, --manifest <file>', 'the manifest').default('manifest.yaml');
}

export type OutputForm = 'text' | 'json';

/** `-o json`: `text` says what people get instead. */
export function outputOption(text: string): Option {
  return new Option('-o, --output <form>', `${text}, or JSON`).choices(['text', 'json']).default('text');
}

export function timeoutOption(): Option {
  return new Option('--timeout <duration>', 'give up after this long')
    .argParser(durationOption)
    .default(60_000, '60s');
}

/** `60s`, `2m`, or bare seconds, to milliseconds. */
export function durationOption(text: string): number {
  const ms = patienceOption(text);
  if (ms === 0) throw new InvalidArgumentError(WRITE_DURATION);
  return ms;
}

/** The same where 0 is a patience, too: one look. */
export function patienceOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms > MAX_TIMER_MS) throw new InvalidArgumentError(WRITE_DURATION);
  return ms;
}

const WRITE_DURATION = 'write a duration, as 60s or 2m';

/** Where to listen, as it is written. */
export function listenOption(text: string): string {
  if (!isListenAddress(text)) throw new InvalidArgumentError('write HOST:PORT, as 127.0.0.1:9464, or off');
  return text;
}

/** Reads why a person asks, of `flag`; a reason that says nothing is none. */
export function reasonOf(flag: string): (text: string) => string {
  return (text) => {
    const why = shownText(text);
    if (!/[\p{L}\p{N}]/u.test(why)) throw new InvalidArgumentError(`say why: ${flag} "the reason"`);
    return why;
  };
}

/** How many, from 0. */
export function countOption(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('write a whole number');
  return Number(text);
}

/** Longer timers fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
