/**
 * `npm run up`: dependencies, build, engine, images, then the controller in this same process, so that Ctrl-C and the
 * exit code are its own. `--setup-only` stops before it; all other arguments go to `swiftdeploy run`.
 */
import { dirname, join, relative, resolve } from 'node:path';
import process from 'node:process';
import { bootstrap, exitOnSignals, ROOT } from './bootstrap.mjs';
import { printFailure, say } from './stage.mjs';

const SETUP_ONLY = '--setup-only';

try {
  await up(process.argv.slice(2));
} catch (error) {
  printFailure(error);
  process.exit(1);
}

async function up(args) {
  const manifest = resolve(manifestOf(args));
  const giveSignalsBack = exitOnSignals();
  await bootstrap();
  const { setUp } = await import('../dist/setup.js');
  const { port } = await setUp(manifest);
  if (args.includes(SETUP_ONLY)) return;
  sayWhatToDo(manifest, port);
  giveSignalsBack();
  const main = join(ROOT, 'dist/main.js');
  process.argv = [process.execPath, main, 'run', ...args];
  await import('../dist/main.js');
}

/** The value of `-f FILE`, `--manifest FILE` or `--manifest=FILE`. */
function manifestOf(args) {
  const at = args.findIndex((argument) => argument === '-f' || argument === '--manifest');
  if (at >= 0) return args[at + 1] ?? 'manifest.yaml';
  const joined = args.find((argument) => argument.startsWith('--manifest='));
  return joined?.slice('--manifest='.length) ?? 'manifest.yaml';
}

function sayWhatToDo(manifest, port) {
  const beside = (name) => relative(process.cwd(), join(dirname(manifest), name));
  say(`
  The stack     http://localhost:${port}
  Change it     edit \`mode\` (or anything else) in ${relative(process.cwd(), manifest)} and save
  What is       ${beside('status.json')}      ("./swiftdeploy status" for people)
  What was      ${beside('history.jsonl')}
  Stop          Ctrl-C; the stack keeps running. "./swiftdeploy teardown" removes it
`);
}
