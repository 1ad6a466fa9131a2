/**
 * Runs git and gpg for the check of signatures, deaf to every configuration, keyring and environment but what is passed here.
 * Nothing of it outlives the check.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SourceError } from './source-error.js';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** Decides before what a repository's own configuration says. */
const OWN_PROGRAMS = [
  'gpg.program=gpg',
  'gpg.openpgp.program=gpg',
  'gpg.x509.program=gpgsm',
  'gpg.ssh.program=ssh-keygen',
  'gpg.ssh.defaultKeyCommand=',
  'gpg.minTrustLevel=undefined',
];

export class VerifyPrograms {
  private constructor(
    /** Of the check alone (0700), and gone after it. */
    readonly home: string,
    private readonly gitDir: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Runs `work` with a home that is removed afterwards. */
  static async use<T>(
    gitDir: string,
    signal: AbortSignal,
    work: (programs: VerifyPrograms) => Promise<T>,
  ): Promise<T> {
    const home = await mkdtemp(join(tmpdir(), 'swiftdeploy-verify-'));
    try {
      return await work(new VerifyPrograms(home, gitDir, signal));
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  }

  /** `config`: `key=value`, decided before the repository's own. */
  git(args: readonly string[], config: readonly string[] = []): Promise<Ended> {
    const options = [...OWN_PROGRAMS, ...config].flatMap((setting) => ['-c', setting]);
    return this.run('git', ['--git-dir', this.gitDir, ...options, ...args]);
  }

  gpg(args: readonly string[]): Promise<Ended> {
    return this.run('gpg', ['--batch', ...args]);
  }

  /** git tells a program that is missing from a signature that is bad in text only. */
  async requireSshKeygen(): Promise<void> {
    await this.run('ssh-keygen', ['-l', '-f', '/dev/null']);
  }

  /** Rejects where the program cannot be started or is stopped, not where it ends badly. */
  private run(program: string, args: readonly string[]): Promise<Ended> {
    const { signal } = this;
    const options = { env: this.environment(), signal, maxBuffer: MAX_OUTPUT_BYTES };
    return new Promise((resolve, reject) => {
      execFile(program, args, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === 'number') resolve({ code, stdout, stderr });
        else reject(code === 'ENOENT' ? notInstalled(program) : error);
      });
    });
  }

  /** Replaced objects (refs/replace) would be read in place of what was signed. */
  private environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.home,
      GNUPGHOME: this.home,
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_TERMINAL_PROMPT: '0',
    };
  }
}

function notInstalled(program: string): SourceError {
  return new SourceError('NotStored', `${program} cannot be run to check signatures: install it`);
}
