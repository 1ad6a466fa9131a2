/** `swiftdeploy wait`: until conditions hold, or the stack is gone; as `kubectl wait`. It changes nothing. */
import { type Command } from 'commander';
import { declareForStack, type Finish } from './basics/command.js';
import { CommandError, EXIT } from './basics/exit.js';
import { FileWatch } from './basics/file-watch.js';
import { patienceOption, timeoutOption } from './basics/options.js';
import { orAfter } from './basics/or-after.js';
import { stackPaths, type CommonOptions } from './basics/paths.js';
import { openSession } from './basics/session.js';
import { stopSignal } from './basics/signals.js';
import { paintFor, talk } from './basics/talk.js';
import { lookAt, type Sight } from './wait/condition-sight.js';
import { whichStack } from './basics/which-stack.js';
import { goneSight } from './wait/stack-gone.js';
import { silenceWords, whoTells } from './wait/who-tells.js';
import { wantedOption, wantedWords, type Wanted } from './wait/wanted.js';

/** One look takes an engine that answers. */
const ENGINE_TIMEOUT_MS = 2000;

export interface WaitOptions extends CommonOptions {
  readonly for: readonly Wanted[];
  /** Milliseconds. */
  readonly timeout: number;
  readonly anyGeneration?: boolean;
}

export function addWait(program: Command, finish: Finish): void {
  declareForStack(
    program,
    'wait',
    'wait --for=condition=Ready --timeout=2m',
    'wait --for=condition=Stalled=False --for=condition=CanaryHealthy',
    'wait --for=delete',
  )
    .description(
      'until conditions of the stack hold; exit code 1 when the time is up, at once with --timeout 0',
    )
    .requiredOption(
      '--for <what>',
      'condition=TYPE[=True|False|Unknown], or delete; several must hold together',
      wantedOption,
    )
    .addOption(timeoutOption().argParser(patienceOption))
    .option('--any-generation', 'also what the status says of an older manifest than the one on disk')
    .action(async (options) => finish(await wait(options)));
}

/** Resolves with the exit code. */
export async function wait(options: WaitOptions): Promise<number> {
  const stop = stopSignal();
  const end = orAfter(stop, options.timeout);
  const watch = new FileWatch(stackPaths(options).status);
  try {
    const look = await looker(options, stop);
    for (;;) {
      const sights = await look();
      if (sights.every(({ holds }) => holds)) return holds(sights);
      if (stop.aborted) throw new CommandError(`interrupted: ${inVain(sights)}`, EXIT.interrupted);
      if (end.aborted) throw new CommandError(await lateWords(sights, options, stop));
      await watch.next(end);
    }
  } finally {
    watch.close();
  }
}

/** The engine is asked only where it is the one that knows. */
async function looker(options: WaitOptions, stop: AbortSignal): Promise<() => Promise<readonly Sight[]>> {
  const paths = stackPaths(options);
  const conditions = options.for.filter((wanted) => wanted.kind === 'condition');
  const anyGeneration = options.anyGeneration === true;
  if (conditions.length === 0) return goneLooker(options, stop);
  const reading = await whoTells(options, stop);
  const look = () => lookAt(conditions, { paths, anyGeneration, reading });
  if (conditions.length === options.for.length) return look;
  const lookIfGone = await goneLooker(options, stop);
  return async () => [...(await look()), ...(await lookIfGone())];
}

async function goneLooker(options: WaitOptions, stop: AbortSignal): Promise<() => Promise<readonly Sight[]>> {
  // At the start: a teardown takes the files with it that say which stack it was.
  const stack = await whichStack(stackPaths(options));
  const timeoutMs = Math.max(options.timeout, ENGINE_TIMEOUT_MS);
  const session = await openSession(options, { timeoutMs, stop });
  return async () => [await goneSight(session, stack)];
}

function holds(sights: readonly Sight[]): number {
  for (const { words } of sights) talk(`${paintFor(process.stderr)('green', '✔')} ${words}`);
  return EXIT.ok;
}

async function lateWords(sights: readonly Sight[], options: WaitOptions, stop: AbortSignal): Promise<string> {
  const when = options.timeout === 0 ? 'not now' : `not within ${String(options.timeout / 1000)} s`;
  const silence = await silenceWords(options, stop);
  return [`${when}: ${options.for.map(wantedWords).join(', ')}`, inVain(sights), ...silence].join('\n');
}

/** Once each: several may fail for one reason. */
function inVain(sights: readonly Sight[]): string {
  const missing = sights.filter((sight) => !sight.holds).map(({ words }) => words);
  return [...new Set(missing)].join('\n');
}
