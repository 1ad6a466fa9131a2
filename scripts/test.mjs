/**
 * `npm test`: everything, from a bare clone. Runs every stage even when one fails (so that one run tells all), prints
 * each test that failed and a table of the stages, and ends with the totals of all tests alone on a line:
 * `N passed, M failed`.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';
import { stripVTControlCharacters } from 'node:util';
import { ROOT } from './bootstrap.mjs';
import { formatMs } from './stage.mjs';

/** Of a failure's message and stack, in the summary: what was expected, what came, and where. */
const MESSAGE_LINES = 12;

const TEST_ENV = {
  // Its helper image cannot be pulled everywhere; tests remove what they make.
  TESTCONTAINERS_RYUK_DISABLED: 'true',
};

const scratch = mkdtempSync(join(tmpdir(), 'swiftdeploy-test-'));

const STAGES = [
  { name: 'set-up', command: [process.execPath, 'scripts/up.mjs', '--setup-only'], fatal: true },
  { name: 'format', command: bin('prettier', '--check', '.') },
  { name: 'lint', command: bin('eslint', '.') },
  { name: 'types', command: bin('tsc', '--noEmit') },
  { name: 'docs', command: bin('tsx', 'scripts/docs.ts', '--check') },
  // One after the other: what needs no engine takes all cores.
  tests('unit', 'unit', 'properties'),
  tests('policies', 'policies'),
  tests('engine', 'integration', 'e2e'),
];

try {
  process.exitCode = await testEverything();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function testEverything() {
  const results = [];
  for (const stage of STAGES) {
    process.stdout.write(`\n── ${stage.name}: ${stage.command.slice(1).join(' ')}\n`);
    const result = await runStage(stage);
    results.push(result);
    if (stage.fatal && !result.ok) break;
  }
  const reports = STAGES.flatMap(({ report }) => report ?? []).map(readReport);
  const totals = reports.map(totalsOf).reduce(sum);
  for (const failure of reports.flatMap(failuresOf)) process.stdout.write(`\n✘ ${failure}\n`);
  printSummary(results, totals);
  return results.every((result) => result.ok) && totals.failed === 0 && results.length === STAGES.length
    ? 0
    : 1;
}

function tests(name, ...projects) {
  const report = join(scratch, `${name}.json`);
  const selected = projects.flatMap((project) => ['--project', project]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return { name, report, command: bin('vitest', 'run', ...selected, ...reporters) };
}

function sum(left, right) {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  };
}

function bin(name, ...args) {
  return [process.execPath, join('node_modules', ...entryPoint(name)), ...args];
}

/** The script behind each tool: run with this node, whatever npx or PATH would choose. */
function entryPoint(name) {
  const scripts = {
    prettier: ['prettier', 'bin', 'prettier.cjs'],
    eslint: ['eslint', 'bin', 'eslint.js'],
    tsc: ['typescript', 'bin', 'tsc'],
    tsx: ['tsx', 'dist', 'cli.mjs'],
    vitest: ['vitest', 'vitest.mjs'],
  };
  return scripts[name];
}

function runStage({ name, command: [program, ...args] }) {
  const started = performance.now();
  return new Promise((resolve) => {
    const done = (ok) => resolve({ name, ok, elapsedMs: performance.now() - started });
    const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, ...TEST_ENV }, stdio: 'inherit' });
    child.once('error', () => done(false));
    child.once('exit', (code) => done(code === 0));
  });
}

/** What vitest wrote; a stage that did not come so far counts as one test that failed. */
function readReport(path) {
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, testResults: [] };
}

function totalsOf(report) {
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles(report).length,
    skipped: report.numPendingTests,
  };
}

/** A file that could not even be loaded has no tests to count: it counts as one that failed. */
function brokenFiles({ testResults }) {
  return testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
}

function failuresOf(report) {
  const tests = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => failure(name, fullName, failureMessages.join('\n'))),
  );
  return [
    ...tests,
    ...brokenFiles(report).map(({ name, message }) => failure(name, 'could not be run', message)),
  ];
}

function failure(file, test, message) {
  const lines = stripVTControlCharacters(message).split('\n').slice(0, MESSAGE_LINES);
  return [`${relative(ROOT, file)}: ${test}`, ...lines].join('\n    ');
}

function printSummary(results, { passed, failed, skipped }) {
  const rows = STAGES.map(({ name }) => {
    const result = results.find((each) => each.name === name);
    if (result === undefined) return `  - ${name.padEnd(12)} not run`;
    return `  ${result.ok ? '✔' : '✘'} ${name.padEnd(12)} ${formatMs(result.elapsedMs)}`;
  });
  process.stdout.write(`\n${rows.join('\n')}\n`);
  if (skipped > 0) process.stdout.write(`  (${skipped} skipped)\n`);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
}
