/**
 * Runs a program for set-up: output is kept, not shown; each line can be reported as progress, and a failure
 * carries the last lines. Must work before node_modules exists.
 */
import { spawn } from 'node:child_process';
import process from 'node:process';

const KEPT_LINES = 12;
const PATIENCE_MS = 2_000;

const running = new Set();
let ending = false;

/** A program that could not be started, failed, or took too long. `message` ends with its last lines of output. */
export class CommandError extends Error {
  constructor(message, exitCode) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** Resolves with stdout when the program exits 0; rejects with a CommandError otherwise. */
export function runCommand(command, args, options = {}) {
  const shown = [command, ...args].join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: 'SIGKILL' }),
    });
    running.add(child);
    const output = collectOutput(child, options.onLine);
    child.once('error', (error) =>
      reject(new CommandError(`${command} could not be started: ${error.message}`)),
    );
    child.once('close', (code, signal) => {
      running.delete(child);
      if (ending) return;
      if (code === 0) return resolve(output.stdout());
      const how = signal === null ? `exited with ${code}` : `was ended by ${signal}`;
      reject(new CommandError([`${shown} ${how}`, ...output.lastLines()].join('\n'), code ?? undefined));
    });
  });
}

/**
 * Ends the programs that still run and resolves when they are gone: whoever runs set-up again must not meet them.
 * Their callers never hear of it, since this process is about to exit.
 */
export async function endRunningCommands() {
  ending = true;
  const gone = [...running].map((child) => new Promise((resolve) => child.once('close', resolve)));
  for (const child of running) child.kill('SIGTERM');
  const impatient = setTimeout(() => running.forEach((child) => child.kill('SIGKILL')), PATIENCE_MS);
  await Promise.all(gone);
  clearTimeout(impatient);
}

function collectOutput(child, onLine) {
  let stdout = '';
  const lines = [];
  const keep = (text) => {
    for (const line of text.split(/[\r\n]+/).filter((part) => part.trim() !== '')) {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      onLine?.(line);
    }
  };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
    keep(text);
  });
  child.stderr.setEncoding('utf8').on('data', keep);
  return { stdout: () => stdout, lastLines: () => lines };
}
