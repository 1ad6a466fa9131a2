/** `swiftdeploy status`: what status.json and the newest events say, for a person, or the file's JSON; `--watch` keeps looking. */
import { Option, type Command } from 'commander';
import { declareForStack, type Finish } from './basics/command.js';
import { EXIT } from './basics/exit.js';
import { durationOption, outputOption, type OutputForm } from './basics/options.js';
import type { CommonOptions } from './basics/paths.js';
import { stopSignal } from './basics/signals.js';
import { paintFor, print, talk } from './basics/talk.js';
import { controllerWords, isNoEngine, isOfOther } from './status/controller-words.js';
import { lookAtEngine, lookAtFiles, lookOf, type Look } from './status/look.js';
import { refreshed } from './status/refreshed.js';
import { isReady } from './status/state-words.js';
import { statusPage } from './status/status-page.js';

export interface StatusOptions extends CommonOptions {
  readonly output?: OutputForm;
  readonly watch?: boolean;
  /** Milliseconds between two looks at the metrics. */
  readonly interval?: number;
}

const INTERVAL_MS = 5000;

export function addStatus(program: Command, finish: Finish): void {
  declareForStack(program, 'status', 'status -o json | jq .conditions', 'status --watch --interval 2s')
    .description('what the stack is now; exit code 0 when it is Ready')
    .addOption(outputOption('a page').conflicts('watch'))
    .option('-w, --watch', 'full screen and live; a block per look where there is no terminal')
    .addOption(
      new Option('--interval <duration>', 'of --watch: between two looks at the metrics')
        .argParser(durationOption)
        .default(INTERVAL_MS, '5s'),
    )
    .action(async (options) => finish(await status(options)));
}

/** Resolves with the exit code: 0 when Ready. */
export async function status(options: StatusOptions): Promise<number> {
  return options.watch === true ? watch(options) : once(options);
}

async function once(options: StatusOptions): Promise<number> {
  const stop = stopSignal();
  const { trouble } = await refreshed(options, stop);
  const files = await lookAtFiles(options);
  const now = new Date();
  const look = lookOf(files, await lookAtEngine(options, files.status, stop), now);
  if (options.output === 'json') printJson(look, now.getTime());
  else {
    const shown = { ...look, ...(trouble === undefined ? {} : { trouble }) };
    print(statusPage({ look: shown, now: now.getTime(), paint: paintFor(process.stdout) }));
  }
  return isReady(look.status.conditions) && !isOfOther(look.lock) ? EXIT.ok : EXIT.failed;
}

/** What the file's form has no place for goes to people. */
function printJson(look: Look, now: number): void {
  const { text, lock, status, writtenAt } = look;
  const isOld = isNoEngine(lock) || isOfOther(lock) || (lock !== 'not asked' && lock.heldBy === 'unknown');
  const who = controllerWords({ ...look, writer: status.controller, now });
  if (isOld) talk(`${who}, at ${writtenAt ?? 'a time that nobody knows'}`);
  print(text.trimEnd());
}

/** Loaded here and nowhere else: a terminal's library is more than the rest of the program. */
async function watch(options: StatusOptions): Promise<number> {
  const { watchStatus } = await import('./status/live/watch.js');
  return watchStatus(options, options.interval ?? INTERVAL_MS);
}
