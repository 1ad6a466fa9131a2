/** A real shell on a terminal of its own (script(1)), in which a command line is typed and TAB is pressed. */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { until } from './until.js';

/** Whether a program is on this machine. */
export function isHere(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

export interface ShellOptions {
  /** Also the home directory. */
  readonly dir: string;
  readonly script: string;
}

const COMMANDS = { bash: 'bash --norc --noprofile -i', zsh: 'zsh -f -i' };

export class ShellSession {
  private said = '';

  private constructor(
    private readonly shell: keyof typeof COMMANDS,
    private readonly child: ChildProcessWithoutNullStreams,
  ) {
    child.stdout.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
  }

  /** With the completion script loaded, and a `swiftdeploy` that only says which words it was given. */
  static async open(shell: keyof typeof COMMANDS, { dir, script }: ShellOptions): Promise<ShellSession> {
    const env = { PATH: process.env.PATH, TERM: 'dumb', HOME: dir, LANG: 'C.UTF-8' };
    const child = spawn('script', ['-qec', COMMANDS[shell], '/dev/null'], { cwd: dir, env });
    const session = new ShellSession(shell, child);
    const words = `swiftdeploy() { printf '<%s>' "$@"; echo .; }`;
    child.stdin.write(`PS1='REA''DY '; source '${script}'; ${words}\n`);
    await session.hears(/READY /);
    return session;
  }

  /** The words of a command line after its last one was completed. */
  async complete(line: string): Promise<readonly string[]> {
    this.said = '';
    this.child.stdin.write(`${line}\t\n`);
    await this.hears(/<.*>\.\r?\n[^]*READY /);
    return [...this.said.matchAll(/<([^<>]*)>/g)].map(([, word]) => word ?? '');
  }

  async close(): Promise<void> {
    const closed = once(this.child, 'close');
    this.child.stdin.write('exit\n');
    await closed;
  }

  private async hears(sound: RegExp): Promise<void> {
    await until(`${this.shell} says ${String(sound)}`, () => sound.test(this.said));
  }
}

/** What fish would offer for each command line. */
export function fishOffers(script: string, dir: string, lines: readonly string[]): readonly string[][] {
  const asks = lines.map((line) => `echo ==; complete -C '${line}'`).join('\n');
  const { stdout } = spawnSync('fish', ['--no-config', '-c', `source '${script}'\n${asks}`], {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, HOME: dir },
  });
  return stdout
    .split('==\n')
    .slice(1)
    .map((block) =>
      block
        .trim()
        .split('\n')
        .map((offer) => offer.split('\t')[0] ?? ''),
    );
}
