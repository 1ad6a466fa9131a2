/**
 * `swiftdeploy completion`: a script that completes this very command line, generated from it, in the shell's own language. It
 * holds all words, and finds those of the current folder itself: a library that asks the program for them starts Node at every TAB.
 */
import { readdirSync } from 'node:fs';
import type { Command } from 'commander';
import { CONDITION_TYPES } from '../controller/conditions.js';
import { declare, type Finish } from './basics/command.js';
import { EXIT } from './basics/exit.js';
import { SHIPPED_POLICIES } from './basics/paths.js';
import { NameArgument } from './basics/suggest-choices.js';
import { print } from './basics/talk.js';
import { bashScript } from './completion/bash.js';
import { completionModel, type CompletionModel, type Placeholders } from './completion/completion-model.js';
import { DOMAINS, FINDERS, SERVICES } from './completion/finders.js';
import { fishScript } from './completion/fish.js';
import { zshScript } from './completion/zsh.js';
import { OTHER_NAMES } from './explain/other-names.js';
import { allPaths } from './explain/schema-node.js';
import { TOPIC_PATHS } from './explain/topics.js';

const SHELLS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const satisfies Record<
  string,
  (model: CompletionModel) => string
>;

export type Shell = keyof typeof SHELLS;

const EXAMPLES = [
  'completion bash >> ~/.bashrc',
  'completion zsh > "${fpath[1]}/_swiftdeploy"',
  'completion fish > ~/.config/fish/completions/swiftdeploy.fish',
] as const;

export function addCompletion(program: Command, finish: Finish): void {
  declare(program, 'completion', ...EXAMPLES)
    .description('prints a script for your shell: TAB then completes commands, options and keys')
    .addArgument(new NameArgument('<shell>', 'which shell').choices(Object.keys(SHELLS)))
    .action((shell: Shell) => {
      print(completionScript(program, shell));
      finish(EXIT.ok);
    });
}

/** The script as it is printed. */
export function completionScript(program: Command, shell: Shell): string {
  return SHELLS[shell](completionModel(program, placeholders(), FINDERS));
}

function placeholders(): Placeholders {
  const conditions = Object.keys(CONDITION_TYPES).map((type) => `condition=${type}`);
  return {
    what: { kind: 'words', words: [...conditions, 'delete'] },
    domain: { kind: 'words', words: shippedDomains(), found: DOMAINS },
    service: { kind: 'words', words: [], found: SERVICES },
    field: { kind: 'words', words: [...allPaths(), ...OTHER_NAMES.keys(), ...TOPIC_PATHS] },
  };
}

function shippedDomains(): readonly string[] {
  const entries = readdirSync(SHIPPED_POLICIES, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
