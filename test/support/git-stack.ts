/** A stack that comes from git: what is saved is committed and pushed to a bare repository that the controller follows. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GIT_ENVIRONMENT } from './git-environment.js';
import { Stack } from './stack.js';

const run = promisify(execFile);
const ENV = { env: GIT_ENVIRONMENT };

export class GitStack extends Stack {
  readonly bare = join(this.dir, 'stack.git');
  readonly work = join(this.dir, 'work');
  override readonly wishPath = join(this.work, 'manifest.yaml');
  override readonly policiesPath = join(this.work, 'policies');
  override readonly args: readonly string[] = ['--git', this.bare];

  /** Written, committed and pushed. */
  override async save(): Promise<void> {
    await this.begin();
    await super.save();
    await this.push(`version ${String(this.app.version)}`);
  }

  /** Everything in the work tree; returns the commit. */
  async push(subject: string, ...options: readonly string[]): Promise<string> {
    await this.git('add', '-A');
    await this.git('commit', '-q', '--allow-empty', '-m', subject);
    await this.git('push', '-q', ...options, this.bare, 'HEAD:main');
    return this.git('rev-parse', 'HEAD');
  }

  /** In the work tree; what it printed. */
  async git(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('git', ['-C', this.work, ...args], ENV);
    return stdout.trim();
  }

  private async begin(): Promise<void> {
    if (existsSync(this.bare)) return;
    await mkdir(this.work, { recursive: true });
    await run('git', ['init', '-q', '--bare', '--initial-branch=main', this.bare], ENV);
    await run('git', ['init', '-q', '--initial-branch=main', this.work], ENV);
  }
}
