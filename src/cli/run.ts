/** `swiftdeploy run`: the controller in the foreground. Ctrl-C leaves the stack running. */
import { Option, type Command } from 'commander';
import { DEFAULT_LISTEN } from '../controller/http-listener.js';
import { declareForStack, type Finish } from './basics/command.js';
import { CommandError, EXIT } from './basics/exit.js';
import { holderWords, tryLock } from './basics/lock.js';
import type { CommonOptions } from './basics/paths.js';
import { openSession } from './basics/session.js';
import { stopSignal } from './basics/signals.js';
import { control } from './loop/control.js';
import { firstManifest } from './loop/first-manifest.js';
import { openStack } from './loop/open-stack.js';
import { jsonReporter, peopleReporter } from './telling/reporters.js';

export interface RunOptions extends CommonOptions {
  readonly once?: boolean;
  readonly listen?: string;
  readonly log?: 'people' | 'json';
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
}

export function addRun(program: Command, finish: Finish): void {
  declareForStack(program, 'run', 'run --listen 127.0.0.1:9464')
    .description('the controller, in the foreground; Ctrl-C leaves the stack running')
    .option('--once', 'until settled, or stalled')
    .option(
      '--listen <address>',
      'where /metrics, /healthz and /readyz are served; "off" for nowhere',
      '127.0.0.1:9464',
    )
    .addOption(
      new Option('--log <form>', 'lines for people, or JSON').choices(['people', 'json']).default('people'),
    )
    .addOption(
      new Option('--log-level <level>', 'of --log json; debug also tells each look')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .action(async (options) => finish(await run(options)));
}

/** Resolves with the exit code. */
export async function run(options: RunOptions): Promise<number> {
  const once = options.once === true;
  const reporter = options.log === 'json' ? jsonReporter(options.logLevel ?? 'info') : peopleReporter();
  const stop = stopSignal();
  const session = await openSession(options, { stop });
  const stack = await firstManifest(session.paths, { wait: !once, signal: stop, reporter });
  if (stack === undefined) return stop.aborted ? stoppedCode(once) : EXIT.badManifest;
  const lock = await tryLock(session, stack.name);
  if ('heldBy' in lock)
    throw new CommandError(
      `stack ${stack.name} is controlled by ${holderWords(lock.heldBy)}: one controller per stack`,
    );
  const open = await openStack({ session, stack, lock, reporter });
  try {
    const end = await control(open, {
      manifest: session.paths.manifest,
      stop,
      reporter,
      listen: once ? 'off' : (options.listen ?? DEFAULT_LISTEN),
      ...(once ? { once: {} } : {}),
    });
    if (once) reporter.onEnd(end);
    return end.code;
  } finally {
    await open.close();
  }
}

function stoppedCode(once: boolean): number {
  return once ? EXIT.interrupted : EXIT.ok;
}
