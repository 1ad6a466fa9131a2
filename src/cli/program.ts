/** The command line: names, options and help; each command lives in a file of its own. */
import { Argument, Command, Option } from 'commander';
import type { Mode } from '../reconcilers/desired/stack-spec.js';
import { deploy } from './deploy.js';
import { EXIT } from './exit.js';
import { explain } from './explain.js';
import { timeoutOption, withCommonOptions } from './options.js';
import { promote } from './promote.js';
import { run } from './run.js';
import { status } from './status.js';
import { talk } from './talk.js';
import { teardown } from './teardown.js';
import { VERSION } from './version.js';

/** Told the exit code of the command that ran. */
type End = (exitCode: number) => void;

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

function commandLine(end: End): Command {
  const program = new Command('swiftdeploy')
    .description('Makes Docker agree with manifest.yaml, asks Open Policy Agent before every step.')
    .version(VERSION)
    .exitOverride()
    .showSuggestionAfterError()
    .hook('preAction', (_program, command) => {
      if (command.opts<{ color?: boolean }>().color === false) process.env.NO_COLOR = '1';
    });
  addRun(program, end);
  addDeploy(program, end);
  addPromote(program, end);
  addStatus(program, end);
  addTeardown(program, end);
  return program;
}

function addRun(program: Command, end: End): void {
  command(program, 'run', 'run --listen 127.0.0.1:9464')
    .description('the controller, in the foreground; Ctrl-C leaves the stack running')
    .option('--once', 'until settled, or stalled')
    .option(
      '--listen <address>',
      'where /metrics, /healthz and /readyz are served; "off" for nowhere',
      '127.0.0.1:9464',
    )
    .addOption(
      new Option('--log <form>', 'lines for people, or JSON').choices(['people', 'json']).default('people'),
    )
    .addOption(
      new Option('--log-level <level>', 'of --log json; debug also tells each look')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .action(async (options) => end(await run(options)));
}

function addDeploy(program: Command, end: End): void {
  command(program, 'deploy', 'deploy --timeout 2m')
    .description('until the stack is as the manifest says; waits for the controller where one runs')
    .addOption(timeoutOption())
    .action(async (options) => end(await deploy(options)));
}

function addPromote(program: Command, end: End): void {
  command(program, 'promote', 'promote canary --service app')
    .description("changes one service's mode in the manifest, then does what deploy does")
    .addArgument(new Argument('<mode>', 'the mode to write').choices(['canary', 'stable']))
    .option('--service <name>', 'which service, where the manifest has several')
    .addOption(timeoutOption())
    .action(async (mode: Mode, options) => end(await promote(mode, options)));
}

function addStatus(program: Command, end: End): void {
  command(program, 'status', 'status -o json | jq .conditions')
    .description('what the stack is now; exit code 0 when it is Ready')
    .addOption(
      new Option('-o, --output <form>', 'a page, or status.json').choices(['text', 'json']).default('text'),
    )
    .action(async (options) => end(await status(options)));
}

function addTeardown(program: Command, end: End): void {
  command(program, 'teardown', 'teardown --clean --yes')
    .description("removes what carries the stack's labels, and nothing else")
    .option('--clean', 'also status.json, generated files and the state directory; history.jsonl stays')
    .option('--volumes', 'also the volumes, with their data')
    .option('-y, --yes', 'do not ask')
    .action(async (options) => end(await teardown(options)));
}

function command(program: Command, name: string, example: string): Command {
  const added = program.command(name).addHelpText('after', `\nExample:\n  $ swiftdeploy ${example}`);
  return withCommonOptions(added);
}
