/** The completion script for zsh: to be sourced, or put into a directory of `$fpath` as `_swiftdeploy`. Pure. */
import type { CompletedCommand, CompletedOption, CompletionModel, Values } from './completion-model.js';
import { finderFunctions } from './finders.js';
import { posixQuoted } from './shell-quote.js';

/** Sourced before `compinit`, it calls that itself. */
export function zshScript({ program, options, commands, finders }: CompletionModel): string {
  const fn = `_${program}`;
  return `#compdef ${program}
# zsh completion of ${program}; load it with: source <(${program} completion zsh)
${finderFunctions(finders)}${chooser(fn, options, commands)}

if [[ $funcstack[1] == ${fn} ]]; then
  ${fn} "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef ${fn} ${program}
fi`;
}

/** The functions that complete the name of a command, then what that one takes: a group of commands has one of its own. */
function chooser(
  fn: string,
  options: readonly CompletedOption[],
  commands: readonly CompletedCommand[],
): string {
  const described = commands.flatMap(({ names, about }) =>
    names.map((name) => posixQuoted(`${name}:${about.replaceAll(':', '\\:')}`)),
  );
  const groups = commands.filter((command) => command.commands.length > 0);
  const inner = groups.map(
    (group) => `${chooser(groupFunction(fn, group), group.options, group.commands)}\n\n`,
  );
  return `${inner.join('')}${fn}() {
  local curcontext="$curcontext" state line
  _arguments -C \\
${specs(options.map(optionSpec))}    '1: :->command' '*:: :->rest'
  case $state in
    command)
      local -a commands=(
${described.map((entry) => `        ${entry}`).join('\n')}
      )
      _describe command commands
      ;;
    rest)
      case $line[1] in
${commands.map((command) => commandCase(fn, command)).join('\n')}
      esac
      ;;
  esac
}`;
}

function groupFunction(fn: string, { names }: CompletedCommand): string {
  return `${fn}_${names[0] ?? ''}`;
}

function commandCase(fn: string, command: CompletedCommand): string {
  const { names, options, args, repeats, commands } = command;
  const positions = args.map((values, index) => {
    const at = repeats && index === args.length - 1 ? '*' : String(index + 1);
    return posixQuoted(`${at}: :${actionOf(values)}`);
  });
  const body =
    commands.length > 0
      ? `          ${groupFunction(fn, command)}\n`
      : `          _arguments -S \\\n${specs([...options.map(optionSpec), ...positions], '            ')}`;
  return `        ${names.join(' | ')})\n${body}            ;;`;
}

/** One per line, continued. */
function specs(lines: readonly string[], indent = '    '): string {
  const isLast = (index: number) => indent !== '    ' && index === lines.length - 1;
  return lines.map((line, index) => `${indent}${line}${isLast(index) ? '' : ' \\'}\n`).join('');
}

/** `(-f --manifest)`: given in one form, the other is not offered again. */
function optionSpec({ flags, about, value }: CompletedOption): string {
  const help = `[${about.replaceAll(/[[\]:\\]/g, '\\$&')}]`;
  const names = flags.map((flag) => (value !== undefined && flag.startsWith('--') ? `${flag}=` : flag));
  const action = value === undefined ? '' : `: :${actionOf(value)}`;
  const exclusive = flags.length > 1 ? `(${flags.join(' ')})` : '';
  const rest = posixQuoted(`${help}${action}`);
  return names.length > 1
    ? `${posixQuoted(exclusive)}{${names.join(',')}}${rest}`
    : posixQuoted(`${names[0] ?? ''}${help}${action}`);
}

function actionOf(values: Values): string {
  switch (values.kind) {
    case 'files':
      return '_files';
    case 'directories':
      return '_files -/';
    case 'free':
      return ' ';
    case 'words':
      return `(${[...values.words.map((word) => word.replaceAll(':', '\\:')), ...(values.found === undefined ? [] : [`$(${values.found})`])].join(' ')})`;
  }
}
