/** Wiring only: from the command line to the commands. */
import { sayLastWords } from './cli/basics/last-words.js';
import { watchOutput } from './cli/basics/watch-output.js';
import { main } from './cli/program.js';

/** What a cut connection may still hold open must not keep a command that has ended. */
const LINGER_MS = 500;

watchOutput();
sayLastWords();
process.exitCode = await main(process.argv);
setTimeout(() => process.exit(), LINGER_MS).unref();
