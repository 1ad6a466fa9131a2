/** The completion script for fish. Pure. */
import type { CompletedCommand, CompletedOption, CompletionModel, Values } from './completion-model.js';
import { fishQuoted } from './shell-quote.js';

/** One `complete` line per command, option and argument. */
export function fishScript({ program, options, commands }: CompletionModel): string {
  const lead = `complete -c ${program}`;
  const lines = [
    `${lead} -f`,
    ...options.map((option) => optionLine(`${lead} -n __fish_use_subcommand`, option)),
    ...commands.flatMap((command) => commandLines(lead, command)),
  ];
  return `# fish completion of ${program}; load it with: ${program} completion fish | source\n${lines.join('\n')}`;
}

function commandLines(lead: string, { names, about, options, args }: CompletedCommand): readonly string[] {
  const inside = `${lead} -n ${fishQuoted(`__fish_seen_subcommand_from ${names.join(' ')}`)}`;
  return [
    ...names.map((name) => `${lead} -n __fish_use_subcommand -a ${name} -d ${fishQuoted(about)}`),
    ...options.map((option) => optionLine(inside, option)),
    ...args.flatMap((values) => (values.kind === 'free' ? [] : [`${inside} ${valueFlags(values)}`])),
  ];
}

function optionLine(lead: string, { flags, about, value }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const values = value === undefined ? '' : ` -r ${valueFlags(value)}`;
  return `${lead} ${names.join(' ')}${values} -d ${fishQuoted(about)}`;
}

function valueFlags(values: Values): string {
  switch (values.kind) {
    case 'files':
      return '-F';
    case 'directories':
      return "-f -a '(__fish_complete_directories)'";
    case 'free':
      return '-f';
    case 'words':
      return `-f -a ${fishQuoted(values.words.join(' '))}`;
  }
}
