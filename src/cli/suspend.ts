/** `swiftdeploy suspend`: leaves word that nothing is to be changed, and waits until the controller holds to it. */
import type { Command } from 'commander';
import type { PersonSuspend } from '../reconcilers/suspend/suspend-file.js';
import { suspendWords } from '../reconcilers/suspend/suspend-words.js';
import { declareForStack, type Finish } from './basics/command.js';
import { CommandError, EXIT } from './basics/exit.js';
import { durationOption, reasonOf, timeoutOption } from './basics/options.js';
import { stackPaths } from './basics/paths.js';
import { paintFor, talk } from './basics/talk.js';
import { suspendedNow } from './suspend/suspended-now.js';
import { leaveSuspends } from './suspend/leave-suspends.js';
import { NOT_SEEN, takeEffect, type Effect, type EffectOptions } from './suspend/take-effect.js';
import { whichStack } from './basics/which-stack.js';
import { whoAsks } from './basics/who-asks.js';

export interface SuspendOptions extends EffectOptions {
  readonly why: string;
  /** Milliseconds. */
  readonly for?: number;
}

const MEANING = `
Nothing is applied, drift is told and not healed: a person's hands are free.
Looking, asking policies and measuring go on. It holds over restarts of the
controller, until "swiftdeploy resume" or the end of its time.`;

export function addSuspend(program: Command, finish: Finish): void {
  declareForStack(
    program,
    'suspend',
    'suspend --why "INC-42: I look at it by hand" --for 2h',
    'suspend app --why "the data is moved"',
  )
    .summary('nothing is changed, nor healed, until resume')
    .description('nothing of the stack, or of these services, is changed, nor healed, until resume')
    .argument('[service...]', 'services; the whole stack where none is named')
    .requiredOption('--why <reason>', 'shown wherever the stack is, and on record', reasonOf('--why'))
    .option('--for <duration>', 'ends by itself after this time, as 2h', durationOption)
    .addOption(timeoutOption())
    .addHelpText('after', MEANING)
    .action(async (services: string[], options: SuspendOptions) => finish(await suspend(services, options)));
}

/** Resolves with the exit code: 1 where the controller has not taken it up in time. */
export async function suspend(services: readonly string[], options: SuspendOptions): Promise<number> {
  const paths = stackPaths(options);
  await whichStack(paths);
  const { stack, suspends } = await suspendedNow(paths, Date.now());
  for (const service of services) refuseUnknown(service, stack?.services.map(({ name }) => name) ?? []);
  const fresh = suspendsOf(services, options);
  const before = suspends.filter((one): one is PersonSuspend => one.by === 'person');
  const kept = before.filter(({ service }) => !fresh.some((one) => one.service === service));
  const effect = await takeEffect(options, () =>
    leaveSuspends(paths.stateDir, { suspends: [...kept, ...fresh] }, 'nothing is suspended'),
  );
  talk(`${paintFor(process.stderr)('yellow', '‖')} ${suspendWords(fresh)}`);
  talk(`  ${EFFECT_WORDS[effect]}`);
  return effect === 'late' ? EXIT.failed : EXIT.ok;
}

const EFFECT_WORDS = {
  'in force': 'the controller applies nothing of it from now on; "swiftdeploy resume" goes on',
  nobody: 'no controller runs; the next one holds to it, and deploy refuses',
  ...NOT_SEEN,
} as const satisfies Record<Effect, string>;

function refuseUnknown(service: string, known: readonly string[]): void {
  if (known.length === 0 || known.includes(service)) return;
  throw new CommandError(`there is no service ${service}: the stack has ${known.join(', ')}`);
}

function suspendsOf(services: readonly string[], { why, for: forMs }: SuspendOptions): PersonSuspend[] {
  const now = Date.now();
  const word = {
    by: 'person',
    who: whoAsks(),
    why,
    since: new Date(now).toISOString(),
    ...(forMs === undefined ? {} : { until: new Date(now + forMs).toISOString() }),
  } as const;
  return services.length === 0 ? [word] : [...new Set(services)].map((service) => ({ ...word, service }));
}
