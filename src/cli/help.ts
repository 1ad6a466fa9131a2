/** `swiftdeploy help [COMMAND]`: what `--help` says; a misspelt command is answered with the nearest. */
import type { Command } from 'commander';
import { suggestWord } from '../reconcilers/desired/suggest-word.js';
import { declare, type Finish } from './basics/command.js';
import { CommandError, EXIT } from './basics/exit.js';

export function addHelp(program: Command, finish: Finish): void {
  program.helpCommand(false);
  declare(program, 'help', 'help promote', 'help policies test')
    .description('the help of a command')
    .argument('[command...]', 'which one; without it, the list of them')
    .action((path: readonly string[]) => {
      path.reduce(commandNamed, program).outputHelp();
      finish(EXIT.ok);
    });
}

function commandNamed({ commands }: Command, wanted: string): Command {
  const names = commands.flatMap((command) => [command.name(), ...command.aliases()]);
  const found = commands.find((command) => [command.name(), ...command.aliases()].includes(wanted));
  if (found !== undefined) return found;
  const near = suggestWord(wanted, names);
  const others = names.length === 0 ? 'it ends there' : `there are ${names.join(', ')}`;
  throw new CommandError(
    `there is no command ${wanted}: ${near === undefined ? others : `did you mean ${near}?`}`,
  );
}
