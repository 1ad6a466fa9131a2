/** Commands that would wait in vain while the stack is suspended refuse. */
import type { Command } from 'commander';
import type { Suspend } from '../../reconcilers/plan/suspension.js';
import { resumeWords, suspendWords } from '../../reconcilers/suspend/suspend-words.js';
import type { AddCommand } from '../basics/command.js';
import { CommandError } from '../basics/exit.js';
import { stackPaths, type CommonOptions } from '../basics/paths.js';
import { suspendedNow, type SuspendedNow } from './suspended-now.js';

/** The same command, or group of commands, of which those refuse that `refuses` says. */
export function unlessSuspended(
  add: AddCommand,
  refuses: (command: Command) => boolean = () => true,
): AddCommand {
  return (program, finish) => {
    add(program, finish);
    program.commands.at(-1)?.hook('preAction', async (_declared, command) => {
      if (refuses(command)) await refuseSuspended(command);
    });
  };
}

/** An edit of the manifest that ends it is read from the manifest on disk. */
async function refuseSuspended(command: Command): Promise<void> {
  const options = command.opts<CommonOptions & { readonly service?: string }>();
  const now = await suspendedNow(stackPaths(options), Date.now());
  const isAboutOne = command.options.some(({ long }) => long === '--service');
  const inTheWay = [...wholeOf(now), ...(isAboutOne ? ofService(now, options.service) : [])];
  if (inTheWay.length > 0)
    throw new CommandError(`${suspendWords(inTheWay)}; ${resumeWords(inTheWay)}. Nothing was changed.`);
}

function wholeOf({ suspends }: SuspendedNow): readonly Suspend[] {
  return suspends.filter(({ service }) => service === undefined);
}

/** Where none is named, the only one there is. */
function ofService({ suspends, stack }: SuspendedNow, named: string | undefined): readonly Suspend[] {
  const only = stack?.services.length === 1 ? stack.services[0]?.name : undefined;
  const name = named ?? only;
  return name === undefined ? [] : suspends.filter(({ service }) => service === name);
}
