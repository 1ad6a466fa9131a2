/**
 * Prints what set-up is doing: one line per stage with its time, progress in between, and for a failure the stage,
 * the cause and the cure. Everything goes to stderr, so that the data a command prints stays clean.
 * Must work before node_modules exists.
 */
import process from 'node:process';

const SHOW_PROGRESS_AFTER_MS = 1_000;
const REPEAT_PROGRESS_EVERY_MS = 10_000;

/** A failure that a person can act on: `message` is the cause, `cure` says what to do. */
export class StageError extends Error {
  constructor(message, cure) {
    super(message);
    this.name = 'StageError';
    this.cure = cure;
  }
}

/**
 * Runs one stage. `work` gets a function that reports progress and returns the words for the closing line.
 * With `quietUnderMs`, a stage that ends sooner prints nothing.
 */
export async function runStage(name, work, options = {}) {
  const started = performance.now();
  const progress = startProgress(name, started);
  try {
    const summary = await work(progress.report);
    progress.stop();
    const elapsedMs = performance.now() - started;
    if (elapsedMs >= (options.quietUnderMs ?? 0)) {
      process.stderr.write(
        `${paint(32, '✔')} ${[name, summary].filter(Boolean).join(' ')} (${formatMs(elapsedMs)})\n`,
      );
    }
  } catch (error) {
    progress.stop();
    throw Object.assign(error, { stage: name });
  }
}

/** Prints a failure as stage, cause and cure; the stack only with SWIFTDEPLOY_DEBUG=1. */
export function printFailure(error) {
  process.stderr.write(`${paint(31, '✘')} ${error.stage ?? 'set-up'}: ${indent(error.message)}\n`);
  if (error.cure) process.stderr.write(`  cure: ${indent(error.cure)}\n`);
  if (process.env.SWIFTDEPLOY_DEBUG === '1') process.stderr.write(`${error.stack}\n`);
}

/** Says something between stages. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Milliseconds as people read them: `12 ms`, `3.4 s`, `2 min 5 s`. */
export function formatMs(ms) {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

function startProgress(name, started) {
  return process.stderr.isTTY ? liveProgress(name, started) : plainProgress(name);
}

function liveProgress(name, started) {
  let detail = '';
  const draw = () => {
    const elapsedMs = performance.now() - started;
    if (elapsedMs < 200) return;
    const line = `… ${name} ${detail} (${formatMs(elapsedMs)})`;
    process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns || 80) - 1)}`);
  };
  const timer = setInterval(draw, 250);
  timer.unref();
  return {
    report: (text) => {
      detail = text;
      draw();
    },
    stop: () => {
      clearInterval(timer);
      process.stderr.write('\r\x1b[2K');
    },
  };
}

/** Without a terminal: a line when a stage turns out to be slow, then one now and again, never one per event. */
function plainProgress(name) {
  let detail = '';
  let printed = '';
  const print = () => {
    if (printed !== '' && detail === printed) return;
    printed = detail;
    process.stderr.write(`… ${[name, detail].filter(Boolean).join(' ')}\n`);
  };
  const first = setTimeout(print, SHOW_PROGRESS_AFTER_MS);
  const later = setInterval(print, REPEAT_PROGRESS_EVERY_MS);
  first.unref();
  later.unref();
  return {
    report: (text) => {
      detail = text;
    },
    stop: () => {
      clearTimeout(first);
      clearInterval(later);
    },
  };
}

function indent(text) {
  return String(text).trimEnd().replaceAll('\n', '\n  ');
}

function paint(colour, text) {
  const plain = !process.stderr.isTTY || process.env.NO_COLOR || process.argv.includes('--no-color');
  return plain ? text : `\x1b[${colour}m${text}\x1b[0m`;
}
