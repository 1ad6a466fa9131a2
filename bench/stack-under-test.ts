/**
 * Our side of every comparison: a folder with a manifest and policies, `swiftdeploy run` as a child process, and what it
 * makes on the real engine. Everything it names starts with `swd-bench-`; `dispose` leaves nothing of it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { containersOf, labelOf, removeAllOf } from '../test/support/engine.js';
import { leaveNetwork } from './leave-network.js';
import { benchPort } from './ports.js';
import type { Repository } from './repository.js';
import { answersWith, until } from './until.js';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
const MAIN = join(process.env['SWIFTDEPLOY_DIST'] ?? join(REPOSITORY, 'dist'), 'main.js');
const LOG_TAIL = 2000;
const SETTLE_LIMIT_MS = 900_000;

interface Status {
  readonly manifest: { readonly sha256?: string };
  readonly conditions: readonly { readonly type: string; readonly status: string }[];
}

/** Of the controller's ticks since it started. */
export interface Ticks {
  readonly count: number;
  readonly seconds: number;
}

export class StackUnderTest {
  readonly url: string;
  private readonly dir: string;
  private readonly manifestPath: string;
  private readonly policiesPath: string;
  /** Of the manifest as it was saved last. */
  private saved = '';
  private controller: ChildProcess | undefined;
  private log = '';

  private constructor(
    readonly name: string,
    private readonly ports: { readonly proxy: number; readonly opa: number; readonly listen: number },
    private service: Record<string, unknown>,
    private readonly repository?: Repository,
  ) {
    this.url = `http://127.0.0.1:${String(ports.proxy)}`;
    this.dir = mkdtempSync(join(tmpdir(), `${name}-`));
    this.manifestPath = join(this.dir, 'manifest.yaml');
    this.policiesPath = join(this.dir, 'rules');
  }

  /** The folder with everything in it; nothing runs yet, and nothing is left of an earlier run. */
  static async prepare(
    benchmark: string,
    service: Record<string, unknown>,
    repository?: Repository,
  ): Promise<StackUnderTest> {
    const name = `swd-bench-${benchmark}`;
    await removeAllOf(name).catch(leaveNetwork);
    const ports = { proxy: await benchPort(), opa: await benchPort(), listen: await benchPort() };
    const stack = new StackUnderTest(name, ports, service, repository);
    await stack.copyPolicies();
    await stack.save({});
    return stack;
  }

  /** Up, with a controller in the foreground, and settled. */
  static async up(
    benchmark: string,
    service: Record<string, unknown>,
    repository?: Repository,
  ): Promise<StackUnderTest> {
    const stack = await StackUnderTest.prepare(benchmark, service, repository);
    await stack.run();
    return stack;
  }

  /** Starts a controller in the foreground, and waits until it is settled: wall time in milliseconds. */
  async run(): Promise<number> {
    const startedAt = performance.now();
    this.start(['run', '--listen', `127.0.0.1:${String(this.ports.listen)}`]);
    await this.settled();
    return performance.now() - startedAt;
  }

  /** `policies test` to its end: wall time in milliseconds. */
  async testPolicies(): Promise<number> {
    await mkdir(join(this.dir, '.swiftdeploy'), { recursive: true, mode: 0o700 });
    return this.ended(['policies', 'test']);
  }

  /** `run --once` to its end: wall time in milliseconds, the start of Node.js included. */
  async runOnce(): Promise<number> {
    return this.ended(['run', '--once']);
  }

  /** Edits the service and replaces the manifest by rename, as editors do, or commits it; returns when that began. */
  async save(change: Readonly<Record<string, unknown>>): Promise<number> {
    this.service = { ...this.service, ...change };
    const text = stringify(this.manifest());
    this.saved = createHash('sha256').update(text).digest('hex');
    if (this.repository !== undefined) return this.repository.publish(text);
    const startedAt = performance.now();
    const aside = join(this.dir, 'manifest.yaml~');
    await writeFile(aside, text);
    await rename(aside, this.manifestPath);
    return startedAt;
  }

  /** The manifest on disk is what the world is, old replicas gone. */
  async settled(): Promise<void> {
    const isSettled = async () => {
      const status = await this.status();
      const ready = status?.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
      return ready === true && status?.manifest.sha256 === this.saved;
    };
    await until(isSettled, {
      paceMs: 50,
      limitMs: SETTLE_LIMIT_MS,
      explain: () => this.log.slice(-LOG_TAIL),
    });
  }

  async serves(version: string): Promise<void> {
    await until(() => answersWith(this.url, version), { explain: () => this.log.slice(-LOG_TAIL) });
  }

  /** Container ids of the service's replicas. */
  async replicas(): Promise<readonly string[]> {
    const containers = await containersOf(this.name);
    return containers.filter((info) => labelOf(info, 'role') === 'service').map(({ Id }) => Id);
  }

  /** From the controller's own histogram. */
  async ticks(): Promise<Ticks> {
    const answer = await fetch(`http://127.0.0.1:${String(this.ports.listen)}/metrics`);
    const text = await answer.text();
    const total = (suffix: string) => {
      const lines = text.matchAll(
        new RegExp(`^swiftdeploy_reconcile_duration_seconds_${suffix}\\{.*\\} (\\S+)$`, 'gm'),
      );
      return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
    };
    return { count: total('count'), seconds: total('sum') };
  }

  /** Of the running controller. */
  get pid(): number {
    const pid = this.controller?.pid;
    if (pid === undefined) throw new Error(`no controller of ${this.name} runs`);
    return pid;
  }

  /** Nothing of it is left; the folder is emptied too. */
  async dispose(): Promise<void> {
    const { controller } = this;
    if (controller?.exitCode === null && controller.signalCode === null) {
      controller.kill('SIGKILL');
      await once(controller, 'exit');
    }
    await removeAllOf(this.name).catch(leaveNetwork);
    await rm(this.dir, { recursive: true, force: true });
  }

  private async ended(command: readonly string[]): Promise<number> {
    const startedAt = performance.now();
    const child = this.start(command);
    const [code] = (await once(child, 'exit')) as [number | null];
    const elapsed = performance.now() - startedAt;
    if (code === 0) return elapsed;
    throw new Error(`${command.join(' ')} ended with ${String(code)}\n${this.log.slice(-LOG_TAIL)}`);
  }

  private start(command: readonly string[]): ChildProcess {
    const git = this.repository === undefined ? [] : ['--git', this.repository.path];
    const files = ['-f', this.manifestPath, '--policies', this.policiesPath];
    const child = spawn(process.execPath, [MAIN, ...command, ...files, ...git], {
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.on('data', (chunk: Buffer) => (this.log += chunk.toString('utf8')));
    process.once('exit', () => child.kill('SIGKILL'));
    this.controller = child;
    return child;
  }

  private async status(): Promise<Status | undefined> {
    const text = await readFile(join(this.dir, 'status.json'), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as Status);
  }

  private manifest() {
    return {
      services: this.service,
      nginx: { image: 'nginx:latest', port: this.ports.proxy },
      opa: { image: 'openpolicyagent/opa:latest-static', port: this.ports.opa },
      network: { name: this.name },
      contact: 'ops@example.com',
    };
  }

  /** The shipped policies, except that they allow steps on a busy host: the benchmark itself is what keeps it busy. */
  private async copyPolicies(): Promise<void> {
    await cp(resolve(REPOSITORY, 'policies'), this.policiesPath, { recursive: true });
    const path = join(this.policiesPath, 'infrastructure', 'data.json');
    const data = JSON.parse(await readFile(path, 'utf8')) as { thresholds: Record<string, number> };
    const thresholds = { ...data.thresholds, max_cpu_load_per_core: 100 };
    await writeFile(path, JSON.stringify({ thresholds }));
  }
}
