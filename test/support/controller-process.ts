/** One `swiftdeploy run` as a child process: what it said, and the three ways in which it ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { PROGRAM } from './program.js';
import { until } from './until.js';

export interface ControllerOptions {
  readonly manifest: string;
  readonly once?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** More of them, after those of every test. */
  readonly args?: readonly string[];
}

export class ControllerProcess {
  readonly child: ChildProcess;
  /** Everything that it printed. */
  log = '';
  /** Undefined while it runs; a signal's name when one ended it. */
  end: number | NodeJS.Signals | undefined;

  constructor({ manifest, once = false, env = {}, args = [] }: ControllerOptions) {
    const mode = once ? ['--once'] : ['--listen', 'off'];
    this.child = spawn(process.execPath, [PROGRAM, 'run', ...mode, '-f', manifest, ...args], {
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.log += chunk.toString('utf8')));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.log += chunk.toString('utf8')));
    this.child.once('exit', (code, signal) => (this.end = code ?? signal ?? -1));
  }

  /** At once, without a chance to clean up. */
  kill9(): void {
    this.child.kill('SIGKILL');
  }

  /** SIGTERM; resolves with how it ended. */
  async stop(timeoutMs = 10_000): Promise<number | NodeJS.Signals> {
    this.child.kill('SIGTERM');
    return this.ended(timeoutMs);
  }

  ended(timeoutMs = 10_000): Promise<number | NodeJS.Signals> {
    return until('the controller ends', () => this.end, { timeoutMs, explain: () => this.log });
  }

  saw(pattern: RegExp, timeoutMs = 30_000): Promise<true> {
    const explain = () => this.log;
    return until(`the controller prints ${String(pattern)}`, () => pattern.test(this.log) || undefined, {
      timeoutMs,
      explain,
    });
  }
}
