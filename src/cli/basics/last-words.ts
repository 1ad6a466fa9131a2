/** What nobody caught ends the process with the same words as what a command threw. */
import { explainError } from './error-words.js';
import { talk } from './talk.js';

/** To be called once, before anything runs. */
export function sayLastWords(): void {
  process.on('uncaughtException', (error: unknown) => {
    const { exitCode, text } = explainError(error);
    if (text !== undefined) talk(text);
    process.exit(exitCode);
  });
}
