/** A terminal that a test types into and looks at: tmux, with a server of its own and none of the user's settings. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { until } from './until.js';

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

/** Prints `exit N` when the command has ended, then how the terminal is set. */
const SCRIPT = '"$@"; echo "exit $?"; stty -a | grep icanon; exec cat';

export class Terminal {
  private constructor(private readonly name: string) {}

  static isThere(): boolean {
    return spawnSync('tmux', ['-V']).status === 0;
  }

  static open({ columns, rows, cwd, env, command }: TerminalOptions): Terminal {
    // A server's name is free again only some time after its end.
    const name = `swd-${randomUUID()}`;
    const terminal = new Terminal(name);
    const size = ['-x', String(columns), '-y', String(rows)];
    const clean = { PATH: process.env.PATH, HOME: cwd, LANG: 'C.UTF-8', ...env };
    const shell = ['sh', '-c', SCRIPT, 'sh', ...command];
    execFileSync(
      'tmux',
      ['-u', '-L', name, '-f', '/dev/null', 'new-session', '-d', ...size, '-c', cwd, ...shell],
      { env: clean },
    );
    return terminal;
  }

  /** What a person sees, without the blanks at the ends of lines. */
  screen(): string {
    return this.tmux('capture-pane', '-p');
  }

  /** The same with the escape sequences of its colours. */
  styledScreen(): string {
    return this.tmux('capture-pane', '-p', '-e');
  }

  /** Waits until the screen shows it. */
  async shows(pattern: RegExp): Promise<string> {
    const look = () => {
      const screen = this.screen();
      return pattern.test(screen) ? screen : undefined;
    };
    return until(`the terminal shows ${String(pattern)}`, look, { explain: () => this.screen() });
  }

  /** What stands on the screen when nobody paints on it: one look may meet half a frame. `mask` hides what never rests. */
  async still(mask: (screen: string) => string): Promise<string> {
    let before: string | undefined;
    return until('the screen stands still', () => {
      const last = before;
      before = mask(this.screen());
      return before === last ? before : undefined;
    });
  }

  /** Keys by tmux's names: `q`, `C-c`, `Down`. */
  press(key: string): void {
    this.tmux('send-keys', key);
  }

  resize(columns: number, rows: number): void {
    this.tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** The process that the shell waits for. */
  commandPid(): number {
    const shell = this.tmux('display-message', '-p', '#{pane_pid}').trim();
    return Number(execFileSync('pgrep', ['-P', shell], { encoding: 'utf8' }).trim());
  }

  /** Whether the ordinary screen is shown, with a cursor, with lines that wrap. */
  isOrdinary(): boolean {
    const format = '#{alternate_on}#{cursor_flag}#{wrap_flag}';
    return this.tmux('display-message', '-p', format).trim() === '011';
  }

  close(): void {
    spawnSync('tmux', ['-L', this.name, 'kill-server']);
  }

  private tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-L', this.name, ...args], { encoding: 'utf8' });
  }
}
