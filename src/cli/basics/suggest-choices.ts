/** "Did you mean" for values: where an option or an argument takes one of a few words, a misspelt one is answered with the nearest. */
import { Argument, InvalidArgumentError, type Command, type Option } from 'commander';
import { suggestWord } from '../../reconcilers/desired/suggest-word.js';

/** Its values are names that others have near ones of: a near one is not what was meant. */
export class NameArgument extends Argument {}

/** For every command of the program; to be called when all are declared. */
export function suggestChoices(program: Command): void {
  for (const command of program.commands) {
    for (const taker of [...command.options, ...command.registeredArguments]) checkBefore(taker);
    suggestChoices(command);
  }
}

function checkBefore(taker: Option | Argument): void {
  const { argChoices, parseArg } = taker;
  if (argChoices === undefined || parseArg === undefined || taker instanceof NameArgument) return;
  taker.argParser((value: string, previous: unknown): unknown => {
    if (!argChoices.includes(value)) throw new InvalidArgumentError(choiceWords(value, argChoices));
    return parseArg(value, previous);
  });
}

function choiceWords(value: string, choices: readonly string[]): string {
  const near = suggestWord(value, choices);
  const hint = near === undefined ? '' : `\n(Did you mean ${near}?)`;
  return `Allowed choices are ${choices.join(', ')}.${hint}`;
}
