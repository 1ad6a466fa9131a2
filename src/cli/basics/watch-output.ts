/** Output that cannot be written: a reader that goes away (`status | head -1`) is no failure, a full disk behind stdout is. */
import { errorCode } from '../../controller/error-code.js';
import { errorWords } from './error-words.js';
import { EXIT } from './exit.js';
import { talk } from './talk.js';

/** To be called once, before anything is written. */
export function watchOutput(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error) => {
    if (errorCode(error) === 'EPIPE') return;
    talk(`the output is not complete: ${errorWords(error)}`);
    // The command sets its own code when it ends, which may be later.
    process.once('exit', () => (process.exitCode = process.exitCode || EXIT.failed));
  });
}
