/** The completion script for bash, from 4.0 on; an older one completes all but files. Pure. */
import type { CompletedCommand, CompletedOption, CompletionModel, Values } from './completion-model.js';
import { finderFunctions } from './finders.js';
import { posixQuoted } from './shell-quote.js';

export function bashScript({ program, options, commands: top, finders }: CompletionModel): string {
  const fn = `_${program}`;
  const commands = top.flatMap((command) => flattened(command));
  return `# bash completion of ${program}; load it with: source <(${program} completion bash)
${finderFunctions(finders)}${decider(fn, top)}

${table(`${fn}_is_group`, isGroup(commands))}

${table(`${fn}_takes_value`, takesValue(options, commands))}

${table(`${fn}_value`, valueCases(options, commands))}

${table(`${fn}_options`, optionCases(options, commands))}

${table(`${fn}_argument`, argumentCases(commands))}

complete -F ${fn} ${program}`;
}

/**
 * bash splits words at `=` and `:`. This puts them together again, decides by command, previous option and position, and gives
 * back what follows the last `=` or `:`, because that is the word that bash replaces.
 */
function decider(fn: string, commands: readonly CompletedCommand[]): string {
  return `${fn}() {
  local i word command='' value='' previous='' position=0
  local -a words=()
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((\${#words[@]})) && [[ $word == [=:]* || $previous == *[=:] ]]; then
      words[\${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
    previous=$word
  done
  local last=$((\${#words[@]} - 1)) current
  current=\${words[last]}
  for ((i = 0; i < last; i++)); do
    word=\${words[i]}
    if [[ -n $value ]]; then value=''
    elif ${fn}_takes_value "$command $word"; then value=$word
    elif [[ $word == -* ]]; then :
    elif [[ -z $command ]]; then command=$word
    elif ${fn}_is_group "$command"; then command="$command $word"
    else position=$((position + 1)); fi
  done
  local kind='' list='' prefix='' text=$current
  if [[ -n $value ]]; then ${fn}_value "$command $value"
  elif [[ $current == --*=* ]]; then
    prefix=\${current%%=*}= text=\${current#*=}
    ${fn}_value "$command \${current%%=*}"
  elif [[ $current == -* ]]; then ${fn}_options "$command"
  elif [[ -z $command ]]; then kind=words list=${posixQuoted(commandNames(commands).join(' '))}
  else ${fn}_argument "$command $position"; fi
  COMPREPLY=()
  case $kind in
    files) compopt -o default 2>/dev/null ;;
    directories) compopt -o dirnames 2>/dev/null ;;
    words)
      COMPREPLY=($(compgen -W "$list" -- "$text"))
      local whole=$prefix$text
      local cut=\${whole%"\${whole##*[=:]}"}
      COMPREPLY=("\${COMPREPLY[@]#"\${cut#"$prefix"}"}")
      ;;
  esac
}`;
}

/** A function that looks its argument up. */
function table(name: string, cases: string): string {
  return `${name}() {\n  case "$1" in\n${cases}\n  esac\n}`;
}

function commandNames(commands: readonly CompletedCommand[]): readonly string[] {
  return commands.flatMap(({ names }) => names);
}

/** A group and what is in it, by their whole names; a group is completed as if it took a name. */
function flattened(command: CompletedCommand, parents: readonly string[] = []): readonly CompletedCommand[] {
  const names =
    parents.length === 0
      ? command.names
      : parents.flatMap((parent) => command.names.map((name) => `${parent} ${name}`));
  const { commands } = command;
  if (commands.length === 0) return [{ ...command, names }];
  const args: readonly Values[] = [{ kind: 'words', words: commandNames(commands) }];
  return [{ ...command, names, args }, ...commands.flatMap((inner) => flattened(inner, names))];
}

function isGroup(commands: readonly CompletedCommand[]): string {
  const groups = commands.filter((command) => command.commands.length > 0).flatMap(({ names }) => names);
  const found = groups.length === 0 ? '' : `    ${groups.map(posixQuoted).join(' | ')}) return 0 ;;\n`;
  return `${found}    *) return 1 ;;`;
}

interface Place {
  /** The empty name is the program's own. */
  readonly names: readonly string[];
  readonly options: readonly CompletedOption[];
}

function places(
  options: readonly CompletedOption[],
  commands: readonly CompletedCommand[],
): readonly Place[] {
  return [{ names: [''], options }, ...commands];
}

function takesValue(options: readonly CompletedOption[], commands: readonly CompletedCommand[]): string {
  const patterns = places(options, commands).flatMap((place) =>
    place.options.filter(({ value }) => value !== undefined).flatMap((option) => patternsOf(place, option)),
  );
  return `    ${patterns.join(' | \\\n    ')}) return 0 ;;\n    *) return 1 ;;`;
}

function valueCases(options: readonly CompletedOption[], commands: readonly CompletedCommand[]): string {
  const cases = places(options, commands).flatMap((place) =>
    place.options.flatMap((option) =>
      option.value === undefined || option.value.kind === 'free'
        ? []
        : [`    ${patternsOf(place, option).join(' | ')}) ${assign(option.value)} ;;`],
    ),
  );
  return cases.join('\n');
}

function patternsOf({ names }: Place, { flags }: CompletedOption): readonly string[] {
  return names.flatMap((name) => flags.map((flag) => posixQuoted(`${name} ${flag}`)));
}

function optionCases(options: readonly CompletedOption[], commands: readonly CompletedCommand[]): string {
  return places(options, commands)
    .map((place) => {
      const words = place.options.flatMap(({ flags }) => flags).join(' ');
      return `    ${place.names.map(posixQuoted).join(' | ')}) kind=words list=${posixQuoted(words)} ;;`;
    })
    .join('\n');
}

function argumentCases(commands: readonly CompletedCommand[]): string {
  const cases = commands.flatMap(({ names, args, repeats }) =>
    args.map((values, index) => {
      const position = repeats && index === args.length - 1 ? '*' : '';
      const patterns = names.map((name) => `${posixQuoted(`${name} `)}${position || String(index)}`);
      return `    ${patterns.join(' | ')}) ${assign(values)} ;;`;
    }),
  );
  return cases.join('\n');
}

function assign(values: Values): string {
  if (values.kind === 'words')
    return `kind=words list=${posixQuoted(values.words.join(' '))}${found(values)}`;
  return values.kind === 'free' ? ':' : `kind=${values.kind}`;
}

function found({ found: finder }: Values & { kind: 'words' }): string {
  return finder === undefined ? '' : `" $(${finder})"`;
}
