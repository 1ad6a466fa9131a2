/** `swiftdeploy resume`: ends what persons have suspended; the controller goes on at once. */
import type { Command } from 'commander';
import type { Suspend } from '../reconcilers/plan/suspension.js';
import type { PersonSuspend } from '../reconcilers/suspend/suspend-file.js';
import { suspendWords } from '../reconcilers/suspend/suspend-words.js';
import { declareForStack, type Finish } from './basics/command.js';
import { CommandError, EXIT } from './basics/exit.js';
import { timeoutOption } from './basics/options.js';
import { stackPaths } from './basics/paths.js';
import { paintFor, talk } from './basics/talk.js';
import { suspendedNow } from './suspend/suspended-now.js';
import { leaveSuspends } from './suspend/leave-suspends.js';
import { NOT_SEEN, takeEffect, type Effect, type EffectOptions } from './suspend/take-effect.js';
import { whichStack } from './basics/which-stack.js';
import { whoAsks } from './basics/who-asks.js';

export function addResume(program: Command, finish: Finish): void {
  declareForStack(program, 'resume', 'resume', 'resume app')
    .description('ends what persons have suspended: what was withheld goes on at once')
    .argument('[service...]', 'services; all that is suspended where none is named')
    .addOption(timeoutOption())
    .action(async (services: string[], options: EffectOptions) => finish(await resume(services, options)));
}

/** Resolves with the exit code: 1 where the controller has not taken it up in time. */
export async function resume(services: readonly string[], options: EffectOptions): Promise<number> {
  const paths = stackPaths(options);
  const { suspends } = await suspendedNow(paths, Date.now());
  const byPersons = suspends.filter((one): one is PersonSuspend => one.by === 'person');
  for (const service of services) refuseOther(service, byPersons);
  const ended = byPersons.filter(({ service }) => services.length === 0 || services.includes(service ?? ''));
  if (ended.length === 0) {
    await whichStack(paths);
    return nothingEnded(suspends);
  }
  const kept = byPersons.filter((one) => !ended.includes(one));
  const effect = await takeEffect(options, () =>
    leaveSuspends(paths.stateDir, { suspends: kept, endedBy: whoAsks() }, 'nothing was ended'),
  );
  const left = suspends.filter((one) => !ended.some((other) => other === one));
  talk(`${paintFor(process.stderr)('green', '▶')} ended: ${suspendWords(ended)}`);
  talk(`  ${EFFECT_WORDS[effect]}`);
  if (left.length > 0) talk(`${paintFor(process.stderr)('yellow', '‖')} ${suspendWords(left)}`);
  return effect === 'late' ? EXIT.failed : EXIT.ok;
}

const EFFECT_WORDS = {
  'in force': 'the controller goes on',
  nobody: 'no controller runs: "swiftdeploy deploy", or "run", goes on',
  ...NOT_SEEN,
} as const satisfies Record<Effect, string>;

function refuseOther(name: string, byPersons: readonly PersonSuspend[]): void {
  if (byPersons.some(({ service }) => service === name)) return;
  const whole = byPersons.filter(({ service }) => service === undefined);
  const why = whole.length === 0 ? `no person has suspended service ${name}` : suspendWords(whole);
  throw new CommandError(`${why}. Nothing was changed.`);
}

function nothingEnded(suspends: readonly Suspend[]): number {
  if (suspends.length === 0) {
    talk('nothing is suspended');
    return EXIT.ok;
  }
  throw new CommandError(`${suspendWords(suspends)}: take suspend: true out of the manifest to go on`);
}
