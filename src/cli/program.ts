/** The command line, and one run of it; each command is declared in a file of its own, the list of them is commands.ts. */
import { Command } from 'commander';
import { summaryOf, type CommandGroups, type Finish } from './basics/command.js';
import { explainError } from './basics/error-words.js';
import { EXIT } from './basics/exit.js';
import { VERSION } from './basics/package-version.js';
import { suggestChoices } from './basics/suggest-choices.js';
import { talk } from './basics/talk.js';
import { addRun } from './run.js';

/** A controller stays for months: it does not carry the other commands around. */
const ONLY_RUN: CommandGroups = { 'Change what runs:': [addRun] };

/** Runs one command; resolves with the exit code and never rejects. */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.ok;
  const finish = (code: number) => {
    exitCode = code;
  };
  try {
    const groups = argv[2] === 'run' ? ONLY_RUN : (await import('./commands.js')).COMMANDS;
    const program = commandLine(groups, finish);
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    const { text, exitCode: code } = explainError(error);
    if (text !== undefined) talk(text);
    return code;
  }
}

/** The command line of these commands, not yet run. */
export function commandLine(groups: CommandGroups, finish: Finish): Command {
  const program = new Command('swiftdeploy')
    .description('Makes Docker agree with manifest.yaml, asks Open Policy Agent before every step.')
    .version(VERSION)
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ subcommandTerm: namesOf, subcommandDescription: summaryOf })
    .showHelpAfterError('("swiftdeploy --help" lists the commands; options follow the command)')
    .hook('preAction', (_program, command) => {
      if (command.opts<{ color?: boolean }>().color === false) process.env.NO_COLOR = '1';
    });
  for (const [heading, commands] of Object.entries(groups)) {
    program.commandsGroup(heading);
    for (const add of commands) add(program, finish);
  }
  program.addHelpText('after', FIRST_STEPS);
  suggestChoices(program);
  return program;
}

function namesOf(command: Command): string {
  return [command.name(), ...command.aliases()].join(', ');
}

const FIRST_STEPS = `
Examples:
  $ swiftdeploy deploy             makes the stack what manifest.yaml says
  $ swiftdeploy run                edit manifest.yaml, save, the world follows
  $ swiftdeploy promote canary     the new version beside the old one
  $ swiftdeploy explain services   what the keys of the manifest mean
  $ swiftdeploy deploy --help      options and examples of a command

Exit codes: 0 done, 1 failed, 2 denied by policy, 3 bad manifest,
4 there are changes (plan --exit-code), 130 interrupted.`;
