/** Runs the real git, isolated: see environment.ts. It knows arguments and output, and no repository's meaning. */
import { simpleGit } from 'simple-git';
import { GitFailure } from './git-failure.js';

/** Set by us alone; simple-git takes away every other that steers git. */
const ALLOWED_ENVIRONMENT = [
  'GIT_DIR',
  'GIT_TRACE',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_CONFIG_GLOBAL',
  'GIT_ATTR_NOSYSTEM',
  'GIT_ALLOW_PROTOCOL',
  'GIT_TERMINAL_PROMPT',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_NO_LAZY_FETCH',
  'GIT_LFS_SKIP_SMUDGE',
  'GIT_SSH_VARIANT',
  'GIT_SSH_COMMAND',
  'GIT_SSL_CAINFO',
];

export interface GitOptions {
  /** Where git runs; it must exist. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What one command may need besides its arguments. */
export interface GitCall {
  readonly signal: AbortSignal;
  readonly environment?: Readonly<Record<string, string>>;
}

export class Git {
  readonly #options: GitOptions;

  constructor(options: GitOptions) {
    this.#options = options;
  }

  /** What git wrote to standard output; rejects with `GitFailure`, or with the signal's reason once that is aborted. */
  async run(args: readonly string[], { signal, environment }: GitCall): Promise<string> {
    signal.throwIfAborted();
    const git = simpleGit({
      baseDir: this.#options.cwd,
      abort: signal,
      allowEnvironment: ALLOWED_ENVIRONMENT,
      // The configuration file and the ssh command are our own text, not a repository's or a stranger's.
      unsafe: { allowUnsafeConfigPaths: true, allowUnsafeSshCommand: true },
      errors: (error, { exitCode, stdErr }) =>
        exitCode === 0 && error === undefined ? undefined : new GitFailure(failureText(error, stdErr)),
    }).env({ ...this.#options.environment, ...environment });
    try {
      return await git.raw([...args]);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }
}

function failureText(error: Buffer | Error | undefined, stdErr: readonly Buffer[]): string {
  const written = Buffer.concat([...stdErr]).toString('utf8');
  return written === '' && error instanceof Error ? error.message : written;
}
