import { expect, onTestFinished, test, vi } from 'vitest';
import { completionScript } from '../../../src/cli/completion.js';
import { COMMANDS } from '../../../src/cli/commands.js';
import { commandLine, main } from '../../../src/cli/program.js';

const program = commandLine(COMMANDS, () => undefined);

test.each(['tcsh', 'ksh', 'dash'])(
  '%s is another shell, not a slip of the hand: those there are get listed',
  async (shell) => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => void written.mockRestore());
    expect(await main(['node', 'swiftdeploy', 'completion', shell])).toBe(1);
    const said = written.mock.calls.join('');
    expect(said).toContain('Allowed choices are bash, zsh, fish.');
    expect(said).not.toContain('Did you mean');
  },
);

test.each(['bash', 'zsh', 'fish'] as const)('%s knows every command and long option there is', (shell) => {
  const script = completionScript(program, shell);
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) {
    expect(script).toMatch(new RegExp(`\\b${command.name()}\\b`));
    for (const { long, hidden } of command.options)
      if (typeof long === 'string' && !hidden)
        expect(script).toContain(shell === 'fish' ? `-l ${long.slice(2)}` : long);
  }
});
