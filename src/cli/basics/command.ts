/** How a command joins the command line: a name, an example, the options that all of them take. */
import { Option, type Command } from 'commander';

/** Told the exit code of the command that ran. */
export type Finish = (exitCode: number) => void;

/** Each `src/cli/<command>.ts` exports one. */
export type AddCommand = (program: Command, finish: Finish) => void;

/** A command of the program; `examples` are command lines without the program's name. */
export function declare(program: Command, name: string, ...examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ swiftdeploy ${example}`).join('\n');
  const title = examples.length === 1 ? 'Example' : 'Examples';
  return program
    .command(name)
    .addHelpText('after', `\n${title}:\n${lines}`)
    .option('--no-color', 'no colours (also NO_COLOR; FORCE_COLOR for colours without a terminal)');
}

/** The same for a command that works on a stack: it also takes the stack's files. */
export function declareForStack(program: Command, name: string, ...examples: readonly string[]): Command {
  return declare(program, name, ...examples)
    .addOption(new Option('-f, --manifest <file>', 'the manifest').default('manifest.yaml'))
    .option(
      '--state-dir <dir>',
      'tokens, last good policies, notes (default: .swiftdeploy beside the manifest)',
    )
    .option('--policies <dir>', 'policies (default: policies/ beside the manifest, else the shipped ones)');
}
