/** `swiftdeploy status`: what status.json and the newest events say, for a person, or the file's JSON. It changes nothing. */
import { Option, type Command } from 'commander';
import { readSource } from '../controller/read-source.js';
import { MAX_MANIFEST_BYTES } from '../reconcilers/desired/decode-text.js';
import { declareForStack, type Finish } from './basics/command.js';
import { EXIT, CommandError } from './basics/exit.js';
import { holderWords, controllerOf } from './basics/lock.js';
import { stackPaths, type CommonOptions } from './basics/paths.js';
import { openSession } from './basics/session.js';
import { stopSignal } from './basics/signals.js';
import { paintFor, print } from './basics/talk.js';
import { newestEvents } from './status/history-view.js';
import { readStatus, type StatusDocument } from './status/status-document.js';
import { statusPage } from './status/status-page.js';

export interface StatusOptions extends CommonOptions {
  readonly output?: 'text' | 'json';
}

const EVENTS = 5;
const ENGINE_TIMEOUT_MS = 2000;

export function addStatus(program: Command, finish: Finish): void {
  declareForStack(program, 'status', 'status -o json | jq .conditions')
    .description('what the stack is now; exit code 0 when it is Ready')
    .addOption(
      new Option('-o, --output <form>', 'a page, or status.json').choices(['text', 'json']).default('text'),
    )
    .action(async (options) => finish(await status(options)));
}

/** Resolves with the exit code: 0 when Ready. */
export async function status(options: StatusOptions): Promise<number> {
  const paths = stackPaths(options);
  const read = await readStatus(paths.status);
  if (read.kind === 'missing')
    throw new CommandError(
      `there is no ${paths.status} yet: nothing was deployed from here. "swiftdeploy deploy" does it`,
    );
  if (read.kind === 'unusable') throw new CommandError(`${paths.status} ${read.why}`);
  const isReady = read.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  if (options.output === 'json') print(read.text.trimEnd());
  else await printPage(read.status, options);
  return isReady ? EXIT.ok : EXIT.failed;
}

async function printPage(document: StatusDocument, options: StatusOptions): Promise<void> {
  const paths = stackPaths(options);
  const page = statusPage({
    status: document,
    events: await newestEvents(paths.history, EVENTS),
    controller: await controllerWords(document, options),
    manifestChanged: await isChanged(paths.manifest, document),
    now: Date.now(),
    paint: paintFor(process.stdout),
  });
  print(page);
}

/** The engine's id is part of the lock's name: without an engine nobody can say. */
async function controllerWords(document: StatusDocument, options: StatusOptions): Promise<string> {
  try {
    const stop = stopSignal();
    const { info } = await openSession(options, { timeoutMs: ENGINE_TIMEOUT_MS, stop });
    const holder = await controllerOf(info, document.stack);
    return holder === undefined ? 'controller not running' : `controller: ${holderWords(holder)}`;
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === EXIT.interrupted) throw error;
    return 'the container engine does not answer: this is what was seen last';
  }
}

/** False when nobody can tell. */
async function isChanged(path: string, { manifest }: StatusDocument): Promise<boolean> {
  const source = await readSource(path, MAX_MANIFEST_BYTES);
  if (manifest.sha256 === undefined || source.kind === 'unreadable') return false;
  return source.sha256 !== manifest.sha256;
}
