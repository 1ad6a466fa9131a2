/** `swiftdeploy status`: what status.json and the newest events say, for a person, or the file's JSON. It changes nothing. */
import { EXIT, CommandError } from './exit.js';
import { newestEvents } from './history-view.js';
import { holderWords, controllerOf } from './lock.js';
import { stackPaths, type CommonOptions } from './paths.js';
import { openSession } from './session.js';
import { stopSignal } from './signals.js';
import { readStatus, type StatusDocument } from './status-document.js';
import { statusPage } from './status-page.js';
import { paintFor, print } from './talk.js';
import { readSource } from '../controller/read-source.js';
import { MAX_MANIFEST_BYTES } from '../reconcilers/desired/decode-text.js';

export interface StatusOptions extends CommonOptions {
  readonly output?: 'text' | 'json';
}

const EVENTS = 5;
const ENGINE_TIMEOUT_MS = 2000;

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
