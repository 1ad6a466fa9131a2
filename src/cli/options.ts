/** Options that commands share, and how their values are read. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseDuration } from '../reconcilers/desired/duration.js';

/** The files, and colours. */
export function withCommonOptions(command: Command): Command {
  return command
    .addOption(new Option('-f, --manifest <file>', 'the manifest').default('manifest.yaml'))
    .option(
      '--state-dir <dir>',
      'tokens, last good policies, notes (default: .swiftdeploy beside the manifest)',
    )
    .option('--policies <dir>', 'policies (default: policies/ beside the manifest, else the shipped ones)')
    .option('--no-color', 'no colours (also NO_COLOR; FORCE_COLOR for colours without a terminal)');
}

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
