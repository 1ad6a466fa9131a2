/** What can be completed, read off the command line itself, so that no script lists what is not there. Pure. */
import type { Argument, Command, Option } from 'commander';
import { summaryOf } from '../basics/command.js';

/** What stands where a value is expected. */
export type Values =
  | { readonly kind: 'files' }
  | { readonly kind: 'directories' }
  /** Any text: nothing to suggest. */
  | { readonly kind: 'free' }
  /** `found`: a function of the script prints those of the current folder, too. */
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly found?: string };

export interface CompletedOption {
  /** `-f`, `--manifest`. */
  readonly flags: readonly string[];
  readonly about: string;
  /** Absent for a flag that takes none. */
  readonly value?: Values;
}

export interface CompletedCommand {
  readonly names: readonly string[];
  readonly about: string;
  readonly options: readonly CompletedOption[];
  /** By position; the last repeats where `repeats`. */
  readonly args: readonly Values[];
  readonly repeats: boolean;
  /** Of a group of commands, which then takes no arguments. */
  readonly commands: readonly CompletedCommand[];
}

export interface CompletionModel {
  readonly program: string;
  readonly options: readonly CompletedOption[];
  readonly commands: readonly CompletedCommand[];
  readonly finders: Finders;
}

/** By the name of their function: commands of any shell that print words, a line each; without a word where there are none. */
export type Finders = Readonly<Record<string, string>>;

/** What a placeholder stands for, by its name (`<file>`, `[field...]`) or that of its option (`--service`). */
export type Placeholders = Readonly<Record<string, Values>>;

/** `placeholders`: beside `file` and `dir`. */
export function completionModel(
  program: Command,
  placeholders: Placeholders,
  finders: Finders = {},
): CompletionModel {
  const known: Placeholders = {
    file: { kind: 'files' },
    dir: { kind: 'directories' },
    command: { kind: 'words', words: program.commands.map((command) => command.name()) },
    ...placeholders,
  };
  const { options, commands } = completedCommand(program, known);
  return { program: program.name(), options, commands, finders };
}

function completedCommand(command: Command, known: Placeholders): CompletedCommand {
  const help = command.createHelp();
  return {
    names: [command.name(), ...command.aliases()],
    about: summaryOf(command),
    options: help.visibleOptions(command).map((option) => completedOption(option, known)),
    args: command.registeredArguments.map((argument) => valuesOf(argument.name(), argument, known)),
    repeats: command.registeredArguments.at(-1)?.variadic === true,
    commands: help.visibleCommands(command).map((inner) => completedCommand(inner, known)),
  };
}

function completedOption(option: Option, known: Placeholders): CompletedOption {
  const placeholder = /[<[]([\w-]+)/.exec(option.flags)?.[1];
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
    about: option.description,
    ...(placeholder === undefined
      ? {}
      : { value: valuesOf(nameOf(option, placeholder, known), option, known) }),
  };
}

function nameOf(option: Option, placeholder: string, known: Placeholders): string {
  return Object.hasOwn(known, placeholder) ? placeholder : option.attributeName();
}

function valuesOf(name: string, { argChoices }: Option | Argument, known: Placeholders): Values {
  if (argChoices !== undefined) return { kind: 'words', words: argChoices };
  return Object.hasOwn(known, name) ? (known[name] ?? { kind: 'free' }) : { kind: 'free' };
}
