/** `swiftdeploy run`: the controller in the foreground. Ctrl-C leaves the stack running. */
import { DEFAULT_LISTEN } from '../controller/http-listener.js';
import { control } from './control.js';
import { CommandError, EXIT } from './exit.js';
import { firstManifest } from './first-manifest.js';
import { holderWords, tryLock } from './lock.js';
import { openStack } from './open-stack.js';
import type { CommonOptions } from './paths.js';
import { jsonReporter, peopleReporter } from './reporters.js';
import { openSession } from './session.js';
import { stopSignal } from './signals.js';

export interface RunOptions extends CommonOptions {
  readonly once?: boolean;
  readonly listen?: string;
  readonly log?: 'people' | 'json';
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
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
