/** How a command joins the command line: a name, examples, the options that all of them take. */
import type { Command } from 'commander';
import { manifestOption } from './options.js';

/** Told the exit code of the command that ran. */
export type Finish = (exitCode: number) => void;

/** Each `src/cli/<command>.ts` exports one. */
export type AddCommand = (program: Command, finish: Finish) => void;

/** By the heading that the help shows them under. */
export type CommandGroups = Readonly<Record<string, readonly AddCommand[]>>;

/** Command lines without the program's name; every command has one at least. */
export type Examples = readonly [string, ...string[]];

/** A command of the program, or of a group of commands that was declared before. */
export function declare(program: Command, name: string, ...examples: Examples): Command {
  const path = [...groupNames(program), name].join(' ');
  const lines = examples.map((example) => `  $ swiftdeploy ${example}`).join('\n');
  const title = examples.length === 1 ? 'Example' : 'Examples';
  return program
    .command(name)
    .helpCommand(false)
    .addHelpText('after', `\n${title}:\n${lines}`)
    .showHelpAfterError(`("swiftdeploy ${path} --help" shows its options and examples)`)
    .option('--no-color', 'no colours (also NO_COLOR; FORCE_COLOR for colours without a terminal)');
}

/** The same for a command that works on a stack: it also takes the stack's files. */
export function declareForStack(program: Command, name: string, ...examples: Examples): Command {
  return declare(program, name, ...examples)
    .addOption(manifestOption())
    .option(
      '--state-dir <dir>',
      'tokens, last good policies, notes (default: .swiftdeploy beside the manifest)',
    )
    .option('--policies <dir>', 'policies (default: policies/ beside the manifest, else the shipped ones)');
}

/** None for the program itself. */
function groupNames(group: Command): readonly string[] {
  return group.parent === null ? [] : [...groupNames(group.parent), group.name()];
}

/** What a command does in a few words, for lists: its description up to the first stop. */
export function summaryOf(command: Command): string {
  return command.summary() || (command.description().split(/[;:(]/)[0] ?? '').trim();
}
