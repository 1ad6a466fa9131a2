/**
 * Gets a bare clone to the point where compiled code can be imported: dependencies, then build. Each stage is
 * skipped when a stamp, written last, says that it is done for these inputs, so it can be interrupted anywhere.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { endRunningCommands, runCommand } from './command.mjs';
import { runStage, StageError } from './stage.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const OLDEST_NODE = [20, 19];
const STAMP = '.swiftdeploy-stamp';
const NODE_MODULES = join(ROOT, 'node_modules');
const DIST = join(ROOT, 'dist');
const BUILD_INPUTS = ['src', 'scripts/build.mjs', 'tsconfig.json', 'package-lock.json'];

/** Installs and builds what is missing or stale. Prints nothing when nothing is. */
export async function bootstrap() {
  checkNode();
  await ensureDependencies();
  await ensureBuild();
}

/**
 * Turns SIGINT and SIGTERM into an orderly exit, so that what set-up started and wrote for a while goes with it.
 * Returns a function that gives the signals back, for the program that comes after.
 */
export function exitOnSignals() {
  const codes = { SIGINT: 130, SIGTERM: 143 };
  const leave = (signal) => void endRunningCommands().then(() => process.exit(codes[signal]));
  for (const signal of Object.keys(codes)) process.on(signal, leave);
  return () => {
    for (const signal of Object.keys(codes)) process.removeListener(signal, leave);
  };
}

/** Runs npm ci when node_modules is missing, incomplete, or made for another package-lock.json. */
export async function ensureDependencies() {
  const wanted = digest(readFileSync(join(ROOT, 'package-lock.json')));
  if (readStamp(NODE_MODULES) === wanted) return;
  if (installedByHand()) return writeStamp(NODE_MODULES, wanted);
  await runStage('dependencies', async (report) => {
    report('npm ci');
    await runInstall(report);
    writeStamp(NODE_MODULES, wanted);
    return 'installed from package-lock.json';
  });
}

/** Bundles src/ into dist/ when a source is newer than what dist/ was made of; the build takes the old stamp away. */
export async function ensureBuild() {
  const wanted = digest(BUILD_INPUTS.flatMap((path) => fingerprint(join(ROOT, path))).join('\n'));
  if (readStamp(DIST) === wanted) return;
  await runStage('build', async (report) => {
    report('esbuild');
    await runBundler();
    writeStamp(DIST, wanted);
    return 'src/ to dist/';
  });
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw Object.assign(
    new StageError(
      `Node ${process.versions.node} is too old`,
      `install Node ${OLDEST_NODE.join('.')} or newer (https://nodejs.org)`,
    ),
    { stage: 'node' },
  );
}

/** npm writes its own lock file into node_modules last: newer than ours, it is a finished install. */
function installedByHand() {
  const hidden = join(NODE_MODULES, '.package-lock.json');
  if (readStamp(NODE_MODULES) !== undefined || !existsSync(hidden)) return false;
  return statSync(hidden).mtimeMs >= statSync(join(ROOT, 'package-lock.json')).mtimeMs;
}

async function runInstall(report) {
  try {
    const onLine = (line) => report(`npm ci: ${line.slice(0, 100)}`);
    await runCommand('npm', ['ci', '--no-audit', '--no-fund', '--include=dev'], { cwd: ROOT, onLine });
  } catch (error) {
    throw new StageError(
      error.message,
      'check that npm reaches its registry ("npm ping"), then run this again',
    );
  }
}

async function runBundler() {
  try {
    await runCommand(process.execPath, ['scripts/build.mjs'], { cwd: ROOT });
  } catch (error) {
    throw new StageError(
      error.message,
      'repair the sources that the bundler names ("npm run types" shows all)',
    );
  }
}

/** Paths, times and sizes of everything below: cheap, and any save changes it. */
function fingerprint(path) {
  if (!existsSync(path)) return [`${path} absent`];
  const stats = statSync(path);
  if (!stats.isDirectory()) return [`${path} ${stats.mtimeMs} ${stats.size}`];
  return readdirSync(path)
    .sort()
    .flatMap((name) => fingerprint(join(path, name)));
}

function readStamp(directory) {
  const path = join(directory, STAMP);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function writeStamp(directory, text) {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, STAMP), text);
}

function digest(data) {
  return createHash('sha256').update(data).digest('hex');
}
