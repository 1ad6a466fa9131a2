/** Asks a person on the terminal; anything but a clear yes is a no. */
import { createInterface } from 'node:readline/promises';
import { CommandError, EXIT } from './exit.js';

/** Asks on stderr: stdout is for data. Ctrl-C ends the command with 130. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const interrupted = new AbortController();
  terminal.on('SIGINT', () => interrupted.abort());
  terminal.on('close', () => interrupted.abort());
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: interrupted.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    throw new CommandError('interrupted: nothing was removed', EXIT.interrupted);
  } finally {
    terminal.close();
  }
}
