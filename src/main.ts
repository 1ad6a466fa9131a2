/** Wiring only: from the command line to the commands. */
import { main } from './cli/program.js';

/** What a cut connection may still hold open must not keep a command that has ended. */
const LINGER_MS = 500;

// A reader that goes away (`status | head -1`) is no failure.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.exitCode = await main(process.argv);
setTimeout(() => process.exit(), LINGER_MS).unref();
