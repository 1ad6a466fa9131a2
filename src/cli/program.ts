/** The command line: its commands in the order of the help; each is declared in a file of its own. */
import { Command } from 'commander';
import { summaryOf, type AddCommand, type Finish } from './basics/command.js';
import { explainError } from './basics/error-words.js';
import { EXIT } from './basics/exit.js';
import { VERSION } from './basics/package-version.js';
import { suggestChoices } from './basics/suggest-choices.js';
import { talk } from './basics/talk.js';
import { addAudit } from './audit.js';
import { addCompletion } from './completion.js';
import { addDeploy } from './deploy.js';
import { addDoctor } from './doctor.js';
import { addEvents } from './events.js';
import { addExplain } from './explain.js';
import { addHelp } from './help.js';
import { addPlan } from './plan.js';
import { addPromote } from './promote.js';
import { addRender } from './render.js';
import { addRun } from './run.js';
import { addStatus } from './status.js';
import { addTeardown } from './teardown.js';
import { addValidate } from './validate.js';
import { addVersion } from './version.js';
import { addWait } from './wait.js';

/** By the heading that the help shows them under. */
const COMMANDS: Readonly<Record<string, readonly AddCommand[]>> = {
  'Check before anything changes:': [addValidate, addPlan, addRender],
  'Change what runs:': [addDeploy, addPromote, addRun, addTeardown],
  'See what is and what was:': [addStatus, addEvents, addWait, addAudit],
  'Find out:': [addDoctor, addExplain, addCompletion, addVersion, addHelp],
};

/** Runs one command; resolves with the exit code and never rejects. */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = commandLine((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    const { text, exitCode: code } = explainError(error);
    if (text !== undefined) talk(text);
    return code;
  }
}

/** The whole command line, not yet run. */
export function commandLine(finish: Finish): Command {
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
  for (const [heading, commands] of Object.entries(COMMANDS)) {
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
