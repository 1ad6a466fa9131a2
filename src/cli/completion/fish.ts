/** The completion script for fish. Pure. */
import type { CompletedCommand, CompletedOption, CompletionModel, Values } from './completion-model.js';
import { fishQuoted } from './shell-quote.js';

/** One `complete` line per command, option and argument. */
export function fishScript({ program, options, commands, finders }: CompletionModel): string {
  const lead = `complete -c ${program}`;
  const lines = [
    ...Object.entries(finders).map(([name, command]) => `function ${name}\n  ${command}\nend`),
    `${lead} -f`,
    ...options.map((option) => optionLine(`${lead} -n __fish_use_subcommand`, option)),
    ...commands.flatMap((command) => commandLines(lead, command, topPlace(command, commands))),
  ];
  return `# fish completion of ${program}; load it with: ${program} completion fish | source\n${lines.join('\n')}`;
}

/** Conditions of fish's own language. */
interface Place {
  /** The command's name may come next. */
  readonly before: string;
  /** It was typed. */
  readonly inside: string;
}

/** A name may be in a group too: `policies explain` is not `explain`. */
function topPlace({ names }: CompletedCommand, commands: readonly CompletedCommand[]): Place {
  const others = commands.filter((group) =>
    group.commands.some((inner) => names.some((name) => inner.names.includes(name))),
  );
  const elsewhere = others.map((group) => `; and not ${seen(group.names)}`);
  return { before: '__fish_use_subcommand', inside: `${seen(names)}${elsewhere.join('')}` };
}

function innerPlace({ names }: CompletedCommand, group: Place, siblings: readonly CompletedCommand[]): Place {
  const any = siblings.flatMap((sibling) => sibling.names);
  return { before: `${group.inside}; and not ${seen(any)}`, inside: `${group.inside}; and ${seen(names)}` };
}

function seen(names: readonly string[]): string {
  return `__fish_seen_subcommand_from ${names.join(' ')}`;
}

function commandLines(lead: string, command: CompletedCommand, place: Place): readonly string[] {
  const { names, about, options, args, commands } = command;
  const before = `${lead} -n ${fishQuoted(place.before)}`;
  const inside = `${lead} -n ${fishQuoted(place.inside)}`;
  return [
    ...names.map((name) => `${before} -a ${name} -d ${fishQuoted(about)}`),
    ...options.map((option) => optionLine(inside, option)),
    ...args.flatMap((values) => (values.kind === 'free' ? [] : [`${inside} ${valueFlags(values)}`])),
    ...commands.flatMap((inner) => commandLines(lead, inner, innerPlace(inner, place, commands))),
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
      return `-f -a ${fishQuoted([...values.words, ...(values.found === undefined ? [] : [`(${values.found})`])].join(' '))}`;
  }
}
