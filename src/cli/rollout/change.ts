/** `swiftdeploy rollout pause|resume|abort`: edits the manifest in place, then does what `deploy` does. */
import { relative } from 'node:path';
import type { Command } from 'commander';
import type { ServiceSpec, StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { ServiceMemory } from '../../reconcilers/plan/memory.js';
import { rolloutWords } from '../../reconcilers/report/canary-conditions.js';
import { StateStore, type StackState } from '../../reconcilers/stack-state.js';
import { declareForStack, type Examples, type Finish } from '../basics/command.js';
import { CommandError } from '../basics/exit.js';
import { controllerOf, refuseOtherManifest } from '../basics/lock.js';
import { outputOption, timeoutOption } from '../basics/options.js';
import { replaceFile } from '../basics/replace-file.js';
import { refuseCopiedNotes } from '../basics/own-notes.js';
import { openSession, type Session } from '../basics/session.js';
import { paintFor, talk } from '../basics/talk.js';
import { deployIn, exitWith, type DeployOptions } from '../deploy.js';
import { overrideOption } from '../override/leave-override.js';
import { readManifest, serviceOf } from '../promote/chosen-service.js';
import { otherChanges } from '../promote/sense.js';
import { refuseGitManifest } from '../source/links.js';
import { EventFollower } from '../status/history-view.js';
import { abortEdit } from './abort-edit.js';
import { refused, type RolloutEdit } from './rollout-edit.js';
import { standingOf } from './standing.js';
import type { Standing } from '../../reconcilers/report/served-share.js';
import { pauseEdit, resumeEdit } from './step-edits.js';

interface ChangeOptions extends DeployOptions {
  readonly service?: string;
}

interface Subject {
  readonly bytes: Buffer;
  readonly stack: StackSpec;
  readonly spec: ServiceSpec;
  readonly memory: ServiceMemory;
}

type Edit = (subject: Subject) => RolloutEdit;

export function addRolloutPause(group: Command, finish: Finish): void {
  declareChange(group, 'pause', 'rollout pause', 'rollout pause --service app')
    .description('puts a pause behind the step that the canary is at, then deploys')
    .action(async (options: ChangeOptions) => finish(await pause(options)));
}

export function addRolloutResume(group: Command, finish: Finish): void {
  declareChange(group, 'resume', 'rollout resume')
    .description('ends the pause that the canary waits at, then deploys')
    .action(async (options: ChangeOptions) => finish(await change(options, onStanding(resumeEdit))));
}

export function addRolloutAbort(group: Command, finish: Finish): void {
  declareChange(group, 'abort', 'rollout abort', 'rollout abort --service app')
    .description('writes the stable version back into the manifest, then deploys')
    .action(async (options: ChangeOptions) => finish(await change(options, abort)));
}

const EDITS = `
It edits the manifest and nothing else: comments and layout stay. What it cannot
write without changing more, it refuses with a sentence.`;

function declareChange(group: Command, name: string, ...examples: Examples): Command {
  return declareForStack(group, name, ...examples)
    .option('--service <name>', 'which service, where the manifest has several')
    .addOption(timeoutOption())
    .addOption(overrideOption())
    .addOption(outputOption('nothing on stdout'))
    .addHelpText('after', EDITS);
}

function abort({ bytes, stack, spec, memory }: Subject): RolloutEdit {
  return abortEdit(bytes, stack, { spec, memory });
}

function onStanding(edit: (bytes: Buffer, stack: StackSpec, standing: Standing) => RolloutEdit): Edit {
  return ({ bytes, stack, spec, memory }) => {
    const standing = standingOf(spec, memory);
    return typeof standing === 'string' ? refused(standing) : edit(bytes, stack, standing);
  };
}

/** The canary may have gone on while the pause was written: then it waits for nobody. */
async function pause(options: ChangeOptions): Promise<number> {
  let before: Standing | undefined;
  const code = await change(
    options,
    onStanding((bytes, stack, standing) => {
      before = standing;
      return pauseEdit(bytes, stack, standing);
    }),
    (after) => {
      const now = standingOf(after.spec, after.memory);
      if (before === undefined || typeof now === 'string') return;
      if (now.rollout.weight === before.rollout.weight) return;
      talk(`${warning()} the canary went on meanwhile, to ${rolloutWords(now)}: pause it again`);
    },
  );
  return code;
}

/** Resolves with the exit code. `onEnd`: told of the service as it is then. */
async function change(
  options: ChangeOptions,
  edit: Edit,
  onEnd: (after: Pick<Subject, 'spec' | 'memory'>) => void = () => undefined,
): Promise<number> {
  const session = await openSession(options, { timeoutMs: options.timeout });
  await refuseCopiedNotes(session.paths);
  const { manifest, history } = session.paths;
  await refuseGitManifest(session.paths);
  const { bytes, stack } = await readManifest(manifest);
  const service = serviceOf(stack, options.service);
  const state = await stateOf(session);
  const result = edit({ bytes, stack, ...partsOf(stack, service, state) });
  if (result.kind === 'refused') throw new CommandError(`${result.why}. Nothing was changed.`);
  const holder = await controllerOf(session.info, stack.name);
  if (holder !== undefined) await refuseOtherManifest(holder, stack.name, manifest);
  warnOfOthers(state, stack, service);
  const events = await EventFollower.fromNow(history);
  await replaceFile(manifest, bytes, result.bytes);
  const place = `${relative(process.cwd(), manifest) || manifest}:${String(result.line)}`;
  talk(`${paintFor(process.stderr)('cyan', '✎')} ${place} ${service}: ${result.words}`);
  const end = await deployIn(session, options, events);
  const written = await readManifest(manifest);
  onEnd(partsOf(written.stack, service, await stateOf(session)));
  return exitWith(end, options.output);
}

async function stateOf({ paths }: Session): Promise<StackState> {
  return (await new StateStore(paths.stateDir).peek()).state;
}

function partsOf({ services }: StackSpec, service: string, { memory }: StackState) {
  const spec = services.find(({ name }) => name === service);
  if (spec === undefined) throw new CommandError(`there is no service ${service}`);
  return { spec, memory: memory.services[service] ?? {} };
}

function warnOfOthers(state: StackState, stack: StackSpec, service: string): void {
  const others =
    state.stack === undefined ? [] : otherChanges(state.stack, stack, { service, mode: 'canary' });
  if (others.length > 0)
    talk(`${warning()} the manifest has other changes, which are deployed too: ${others.join(', ')}`);
}

function warning(): string {
  return paintFor(process.stderr)('yellow', '!');
}
