/** The command line as a person types it, in a folder of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROGRAM } from './program.js';
import { checkRecords } from './records.js';
import { copyShippedPolicies } from './shipped-policies.js';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with a space in its path and the shipped policies: without their tests, and they allow deploys on a busy host. */
export async function scratchFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'swd scratch-'));
  await copyShippedPolicies(dir);
  await setThresholds(dir, 'infrastructure', { max_cpu_load_per_core: 1000, min_mem_free_percent: 1 });
  await setThresholds(dir, 'canary', { slow_ms: 5000, min_requests_to_promote: 0 });
  return dir;
}

async function setThresholds(
  dir: string,
  domain: string,
  change: Readonly<Record<string, number>>,
): Promise<void> {
  const file = join(dir, 'policies', domain, 'data.json');
  const data = JSON.parse(await readFile(file, 'utf8')) as { thresholds: Record<string, number> };
  await writeFile(file, JSON.stringify({ ...data, thresholds: { ...data.thresholds, ...change } }));
}

export type Environment = Readonly<Record<string, string>>;

export class CommandLine {
  constructor(
    readonly dir: string,
    private readonly env: Environment = {},
  ) {}

  path(name: string): string {
    return join(this.dir, name);
  }

  /** What was written about the stack in this folder is checked, then the folder goes. */
  async dispose(): Promise<void> {
    try {
      await checkRecords(this.path('status.json'), this.path('history.jsonl'));
    } finally {
      await rm(this.dir, { recursive: true, force: true });
    }
  }

  /** `args` after the program's name; resolves when it has ended. */
  run(...args: readonly string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  /** The same for what has to end with 0; throws what it said otherwise. */
  async succeed(...args: readonly string[]): Promise<Ended> {
    const ended = await this.run(...args);
    if (ended.code === 0) return ended;
    throw new Error(`${args.join(' ')} ended with ${String(ended.code)}\n${ended.stdout}${ended.stderr}`);
  }

  start(...args: readonly string[]) {
    const env = { ...process.env, NO_COLOR: '1', ...this.env };
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: this.dir,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
    const ended = once(child, 'close').then(([code]): Ended => ({ ...said, code: code as number | null }));
    return { child, said, ended };
  }
}
