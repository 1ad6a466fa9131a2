/** A bare repository with a manifest, as somebody would push to it: what is timed is the moment at which its branch moves. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const PERSON = { NAME: 'Bench', EMAIL: 'bench@example.com' };
const ENV = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  ...Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((role) =>
      Object.entries(PERSON).map(([field, value]) => [`GIT_${role}_${field}`, value]),
    ),
  ),
};
const BRANCH = 'refs/heads/main';

export class Repository {
  private constructor(readonly path: string) {}

  /** With a history of so many commits, none of which has a manifest. */
  static async create(path: string, commits: number): Promise<Repository> {
    await exec('git', ['init', '-q', '--bare', '--initial-branch=main', path], { env: ENV });
    const repository = new Repository(path);
    if (commits > 0) await repository.feed(['fast-import', '--quiet'], history(commits));
    return repository;
  }

  /** Commits the manifest; returns when the branch was about to move, on `performance.now()`'s clock. */
  async publish(manifest: string): Promise<number> {
    const blob = await this.feed(['hash-object', '-w', '--stdin'], manifest);
    const tree = await this.feed(['mktree'], `100644 blob ${blob}\tmanifest.yaml\n`);
    const parent = await this.git('rev-parse', '-q', '--verify', BRANCH).catch(() => undefined);
    const parents = parent === undefined ? [] : ['-p', parent];
    const commit = await this.git('commit-tree', tree, ...parents, '-m', 'bench');
    const startedAt = performance.now();
    await this.git('update-ref', BRANCH, commit);
    return startedAt;
  }

  private async git(...args: readonly string[]): Promise<string> {
    return (await exec('git', ['-C', this.path, ...args], { env: ENV })).stdout.trim();
  }

  private async feed(args: readonly string[], input: string): Promise<string> {
    const child = spawn('git', ['-C', this.path, ...args], { env: ENV, stdio: ['pipe', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${String(code)}`);
    return printed.trim();
  }
}

/** For `git fast-import`. */
function history(commits: number): string {
  const lines = Array.from({ length: commits }, (_, n) => {
    const when = String(1_700_000_000 + n);
    return `commit ${BRANCH}\ncommitter Bench <bench@example.com> ${when} +0000\ndata 2\n${'x\n'}M 100644 inline file-${String(n % 100)}\ndata ${String(String(n).length)}\n${String(n)}\n`;
  });
  return `${lines.join('\n')}\n`;
}
