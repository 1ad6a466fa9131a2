/** `swiftdeploy run`: the controller in the foreground. Ctrl-C leaves the stack running. */
import { Option, type Command } from 'commander';
import { DEFAULT_LISTEN } from '../controller/http-listener.js';
import { declareForStack, type Finish } from './basics/command.js';
import { CommandError, EXIT } from './basics/exit.js';
import { holderWords, refuseOtherStack, tryLock } from './basics/lock.js';
import { listenOption } from './basics/options.js';
import { refuseCopiedNotes } from './basics/own-notes.js';
import type { StackPaths } from './basics/paths.js';
import { openSession, type Session } from './basics/session.js';
import { stopSignal } from './basics/signals.js';
import { control, type ControlOptions } from './loop/control.js';
import { firstManifest } from './loop/first-manifest.js';
import { openStack } from './loop/open-stack.js';
import { firstRevision } from './source/first-revision.js';
import { comesFromGit } from './source/links.js';
import { openSource, type OpenSource } from './source/open-source.js';
import { sourceFile, sourceSpec, type SourceOptions } from './source/source-options.js';
import type { Reporter } from './telling/reporter.js';
import { jsonReporter, peopleReporter } from './telling/reporters.js';

export interface RunOptions extends SourceOptions {
  readonly once?: boolean;
  readonly listen?: string;
  readonly log?: 'people' | 'json';
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
}

export function addRun(program: Command, finish: Finish): void {
  declareForStack(program, 'run', 'run --listen 127.0.0.1:9464', 'run --git /srv/shop.git#main')
    .description(
      'the controller, in the foreground; Ctrl-C leaves the stack running, with exit code 0 (130 with --once)',
    )
    .option('--once', 'until settled, or stalled')
    .option('--git <url>', 'follow a git repository: URL, URL#branch, URL#tag, URL#commit or URL#semver:^1.2')
    .option('--path <file>', 'of the manifest in the repository (default: manifest.yaml)')
    .option('--prune', 'a commit that deletes the manifest removes the stack; volumes stay')
    .option(
      '--listen <address>',
      'where /metrics, /healthz and /readyz are served; "off" for nowhere',
      listenOption,
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
  const reporter = options.log === 'json' ? await jsonReporter(options.logLevel ?? 'info') : peopleReporter();
  const session = await openSession(options, { stop: stopSignal() });
  await refuseCopiedNotes(session.paths);
  const source = await sourceFor(options, session.paths);
  try {
    return await runFrom(source, { options, session, reporter });
  } finally {
    await source?.close();
  }
}

interface Ground {
  readonly options: RunOptions;
  readonly session: Session;
  readonly reporter: Reporter;
}

/** Undefined for a plain file. */
async function sourceFor(options: RunOptions, paths: StackPaths): Promise<OpenSource | undefined> {
  const spec = await sourceSpec(options, paths);
  if (spec !== undefined) return openSource(spec, options, paths);
  if (await comesFromGit(paths))
    throw new CommandError(
      `${paths.manifest} comes from git: say which repository with --git URL, or in ${sourceFile(paths)}`,
    );
  return undefined;
}

async function runFrom(
  source: OpenSource | undefined,
  { options, session, reporter }: Ground,
): Promise<number> {
  const once = options.once === true;
  const waiting = { wait: !once, signal: session.stop, reporter };
  if (source !== undefined) {
    if (!(await firstRevision(source.git, session.paths, waiting))) return stoppedCode(once);
    await source.link();
  }
  const stack = await firstManifest(session.paths, waiting);
  if (stack === undefined) return session.stop.aborted ? stoppedCode(once) : EXIT.badManifest;
  const lock = await tryLock(session, stack.name);
  if ('heldBy' in lock) {
    await refuseOtherStack(lock.heldBy, stack.name, session.paths);
    throw new CommandError(
      `stack ${stack.name} is controlled by ${holderWords(lock.heldBy)}: one controller per stack`,
    );
  }
  const open = await openStack({ session, stack, lock, reporter, ...asSource(source) });
  if (source !== undefined) source.bell.onRing = () => open.bell.ring();
  try {
    const end = await control(open, {
      manifest: session.paths.manifest,
      stop: session.stop,
      reporter,
      listen: once ? 'off' : (options.listen ?? DEFAULT_LISTEN),
      ...followOptions(source),
      ...(once ? { once: {} } : {}),
    });
    if (once) reporter.onEnd(end);
    return end.code;
  } finally {
    await open.close();
  }
}

function followOptions(source: OpenSource | undefined): Partial<ControlOptions> {
  if (source === undefined) return {};
  const { git, hooks } = source;
  return { lookAtSource: () => git.look(), ...(hooks === undefined ? {} : { hooks }) };
}

function asSource(source: OpenSource | undefined) {
  return source === undefined ? {} : { source: source.stackSource };
}

function stoppedCode(once: boolean): number {
  return once ? EXIT.interrupted : EXIT.ok;
}
