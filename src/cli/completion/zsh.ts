/** The completion script for zsh: to be sourced, or put into a directory of `$fpath` as `_swiftdeploy`. Pure. */
import type { CompletedCommand, CompletedOption, CompletionModel, Values } from './completion-model.js';
import { posixQuoted } from './shell-quote.js';

/** Sourced before `compinit`, it calls that itself. */
export function zshScript({ program, options, commands }: CompletionModel): string {
  const fn = `_${program}`;
  const described = commands.flatMap(({ names, about }) =>
    names.map((name) => posixQuoted(`${name}:${about.replaceAll(':', '\\:')}`)),
  );
  return `#compdef ${program}
# zsh completion of ${program}; load it with: source <(${program} completion zsh)
${fn}() {
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
${commands.map(commandCase).join('\n')}
      esac
      ;;
  esac
}

if [[ $funcstack[1] == ${fn} ]]; then
  ${fn} "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef ${fn} ${program}
fi`;
}

function commandCase({ names, options, args, repeats }: CompletedCommand): string {
  const positions = args.map((values, index) => {
    const at = repeats && index === args.length - 1 ? '*' : String(index + 1);
    return posixQuoted(`${at}: :${actionOf(values)}`);
  });
  return `        ${names.join(' | ')})
          _arguments -S \\
${specs([...options.map(optionSpec), ...positions], '            ')}            ;;`;
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
      return `(${values.words.map((word) => word.replaceAll(':', '\\:')).join(' ')})`;
  }
}
