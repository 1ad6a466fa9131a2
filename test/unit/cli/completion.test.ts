import { expect, test } from 'vitest';
import { completionScript } from '../../../src/cli/completion.js';
import { COMMANDS } from '../../../src/cli/commands.js';
import { commandLine } from '../../../src/cli/program.js';

const program = commandLine(COMMANDS, () => undefined);

test.each(['bash', 'zsh', 'fish'] as const)('%s knows every command and long option there is', (shell) => {
  const script = completionScript(program, shell);
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) {
    expect(script).toMatch(new RegExp(`\\b${command.name()}\\b`));
    for (const { long, hidden } of command.options)
      if (typeof long === 'string' && !hidden)
        expect(script).toContain(shell === 'fish' ? `-l ${long.slice(2)}` : long);
  }
});
