import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';

test.each([['SIGINT'], ['SIGTERM'], ['SIGHUP']] as const)(
  'the first %s asks, a SIGINT after it ends with 130 at once',
  async (first) => {
    const args = ['--import', 'tsx', 'test/integration/cli-stop-signal.ts'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    expect(String((await once(child.stdout, 'data'))[0])).toBe('up\n');
    child.kill(first);
    expect(String((await once(child.stdout, 'data'))[0])).toBe('asked\n');
    expect(child.exitCode).toBeNull();
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  },
);
