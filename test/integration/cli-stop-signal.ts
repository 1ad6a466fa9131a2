/** A command that does not end when it is asked to: what remains is a second Ctrl-C. */
import { stopSignal } from '../../src/cli/basics/signals.js';

const stop = stopSignal();
stop.addEventListener('abort', () => process.stdout.write('asked\n'));
setInterval(() => undefined, 1000);
process.stdout.write('up\n');
