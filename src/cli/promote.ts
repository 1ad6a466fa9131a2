/** `swiftdeploy promote`: changes one word of the manifest, then does what `deploy` does. */
import { relative } from 'node:path';
import { Argument, type Command } from 'commander';
import { readSource } from '../controller/read-source.js';
import { MAX_MANIFEST_BYTES } from '../reconcilers/desired/decode-text.js';
import { loadManifest } from '../reconcilers/desired/load-manifest.js';
import { formatProblem } from '../reconcilers/desired/manifest-problem.js';
import type { Mode, StackSpec } from '../reconcilers/desired/stack-spec.js';
import { suggestWord } from '../reconcilers/desired/suggest-word.js';
import { declareForStack, type Finish } from './basics/command.js';
import { CommandError, EXIT } from './basics/exit.js';
import { controllerOf, refuseOtherManifest } from './basics/lock.js';
import { timeoutOption } from './basics/options.js';
import { replaceFile } from './basics/replace-file.js';
import { openSession } from './basics/session.js';
import { paintFor, talk } from './basics/talk.js';
import { deployIn, type DeployOptions } from './deploy.js';
import { editMode } from './promote/promote-edit.js';
import { EventFollower } from './status/history-view.js';

export interface PromoteOptions extends DeployOptions {
  readonly service?: string;
}

export function addPromote(program: Command, finish: Finish): void {
  declareForStack(program, 'promote', 'promote canary --service app')
    .description("changes one service's mode in the manifest, then does what deploy does")
    .addArgument(new Argument('<mode>', 'the mode to write').choices(['canary', 'stable']))
    .option('--service <name>', 'which service, where the manifest has several')
    .addOption(timeoutOption())
    .action(async (mode: Mode, options) => finish(await promote(mode, options)));
}

/** Resolves with the exit code; a denied promotion stays in the manifest as a wish. */
export async function promote(mode: Mode, options: PromoteOptions): Promise<number> {
  const session = await openSession(options, { timeoutMs: options.timeout });
  const { manifest, history } = session.paths;
  const { bytes, stack } = await readManifest(manifest);
  const service = serviceOf(stack, options.service);
  const holder = await controllerOf(session.info, stack.name);
  if (holder !== undefined) await refuseOtherManifest(holder, stack.name, manifest);
  const events = await EventFollower.fromNow(history);
  await write(manifest, bytes, { stack, service, mode });
  return deployIn(session, options.timeout, events);
}

async function readManifest(path: string): Promise<{ bytes: Buffer; stack: StackSpec }> {
  const source = await readSource(path, MAX_MANIFEST_BYTES);
  if (source.kind === 'unreadable') throw new CommandError(`${path} ${source.message}`, EXIT.badManifest);
  const result = loadManifest(source.bytes, path);
  if (result.ok) return { bytes: source.bytes, stack: result.stack };
  throw new CommandError(result.problems.map(formatProblem).join('\n'), EXIT.badManifest);
}

/** The one that was named, or the only one. */
function serviceOf({ services }: StackSpec, wanted: string | undefined): string {
  const names = services.map(({ name }) => name);
  const [only] = names;
  if (wanted === undefined && only !== undefined && names.length === 1) return only;
  const listed = names.join(', ');
  if (wanted === undefined)
    throw new CommandError(`the manifest has several services: say which with --service (${listed})`);
  if (names.includes(wanted)) return wanted;
  const near = suggestWord(wanted, names);
  const hint = near === undefined ? `there are ${listed}` : `did you mean ${near}?`;
  throw new CommandError(`there is no service ${wanted}: ${hint}`);
}

interface Change {
  readonly stack: StackSpec;
  readonly service: string;
  readonly mode: Mode;
}

async function write(manifest: string, bytes: Buffer, { stack, service, mode }: Change): Promise<void> {
  const edit = editMode(bytes, stack, { service, mode });
  if (edit.kind === 'refused') throw new CommandError(`${edit.why}. Nothing was changed.`);
  if (edit.kind === 'unchanged') return talk(`${service} is in mode ${mode} already`);
  await replaceFile(manifest, bytes, edit.bytes);
  const place = `${relative(process.cwd(), manifest) || manifest}:${String(edit.line)}`;
  talk(`${paintFor(process.stderr)('cyan', '✎')} ${place} ${service}: mode ${edit.from} → ${mode}`);
}
