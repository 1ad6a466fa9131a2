/** The command line: its commands in the order of the help; each is declared in a file of its own. */
import { Command } from 'commander';
import type { AddCommand, Finish } from './basics/command.js';
import { explain } from './basics/error-words.js';
import { EXIT } from './basics/exit.js';
import { VERSION } from './basics/package-version.js';
import { talk } from './basics/talk.js';
import { addDeploy } from './deploy.js';
import { addPromote } from './promote.js';
import { addRun } from './run.js';
import { addStatus } from './status.js';
import { addTeardown } from './teardown.js';

const COMMANDS: readonly AddCommand[] = [addRun, addDeploy, addPromote, addStatus, addTeardown];

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
    const { text, exitCode: code } = explain(error);
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
    .hook('preAction', (_program, command) => {
      if (command.opts<{ color?: boolean }>().color === false) process.env.NO_COLOR = '1';
    });
  for (const add of COMMANDS) add(program, finish);
  return program;
}
