import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CommandError, runCommand } from '../../scripts/command.mjs';

const node = process.execPath;

describe('runCommand', () => {
  it('resolves with stdout and reports each line', async () => {
    const lines: string[] = [];
    const script = 'console.log("one"); console.log("two"); console.error("three")';
    const stdout = await runCommand(node, ['-e', script], { onLine: (line) => lines.push(line) });
    expect(stdout).toBe('one\ntwo\n');
    expect(lines.sort()).toEqual(['one', 'three', 'two']);
  });

  it('fails with the exit code and the last lines', async () => {
    const run = runCommand(node, [
      '-e',
      'for (let i = 0; i < 30; i++) console.error("line " + i); process.exitCode = 7',
    ]);
    await expect(run).rejects.toMatchObject({
      exitCode: 7,
      message: expect.stringMatching(/exited with 7\nline 18\n/) as string,
    });
  });

  it('names a program that is not there', async () => {
    await expect(runCommand('no-such-program', [])).rejects.toThrow(CommandError);
  });

  it('ends a program that takes too long', async () => {
    await expect(runCommand(node, ['-e', 'setInterval(() => {}, 1e3)'], { timeoutMs: 100 })).rejects.toThrow(
      'was ended by SIGKILL',
    );
  });
});

describe('endRunningCommands', () => {
  it('resolves only when the programs are gone, those that ignore SIGTERM too', async () => {
    const module = fileURLToPath(new URL('../../scripts/command.mjs', import.meta.url));
    const stubborn = 'process.on("SIGTERM", () => {}); console.log(process.pid); setInterval(() => {}, 1e3)';
    const script = `
      import { endRunningCommands, runCommand } from ${JSON.stringify(module)};
      const pid = await new Promise((resolve) => {
        void runCommand(process.execPath, ['-e', ${JSON.stringify(stubborn)}], { onLine: resolve });
      });
      await endRunningCommands();
      try { process.kill(Number(pid), 0); console.log('alive'); } catch { console.log('gone'); }`;
    expect(await runCommand(node, ['--input-type=module', '-e', script])).toBe('gone\n');
  });
});
