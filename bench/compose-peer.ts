/** The other side of several comparisons: Docker Compose, behind nginx as its users write it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { composeBinary, NO_GO } from '../test/support/compose-binary.js';
import { MissingTool } from './benchmark.js';
import { leaveNetwork } from './leave-network.js';
import { benchPort } from './ports.js';

const exec = promisify(execFile);

const DOWN_ATTEMPTS = 5;
const DOWN_PAUSE_MS = 2000;
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** Behind nginx as Compose's users write it: by the service's name, resolved by the engine's DNS again and again. */
function nginxConf(port: number): string {
  return `worker_processes auto;
events { worker_connections 4096; }
http {
    access_log off;
    resolver 127.0.0.11 valid=1s ipv6=off;
    upstream app { zone app 256k; server app:${String(port)} resolve; }
    server { listen 8080; location / { proxy_pass http://app; } }
}
`;
}

export interface ComposeService {
  readonly port: number;
  /** The rest of the service as Compose writes it. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export class ComposeProject {
  private constructor(
    private readonly name: string,
    private readonly dir: string,
    readonly url: string,
    private readonly binary: string,
  ) {}

  /** The files, and nothing left of an earlier run; nothing runs yet. */
  static async prepare(benchmark: string, service: ComposeService): Promise<ComposeProject> {
    const binary = await composeBinary();
    if (binary === undefined) throw new MissingTool(NO_GO);
    const name = `swd-bench-${benchmark}-compose`;
    const dir = await mkdtemp(join(tmpdir(), `${name}-`));
    const port = await benchPort();
    await writeFile(join(dir, 'nginx.conf'), nginxConf(service.port));
    await writeFile(join(dir, 'compose.yaml'), stringify(composeFile(port, service)));
    const project = new ComposeProject(name, dir, `http://127.0.0.1:${String(port)}`, binary);
    await project.down();
    return project;
  }

  /** `up -d`: wall time in milliseconds. */
  async up(options: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<number> {
    const startedAt = performance.now();
    await this.compose(['up', '-d', ...options], env);
    return performance.now() - startedAt;
  }

  /** Again and again: the engine lets go of the addresses of many containers a moment after the containers, or loses count of them. */
  async down(): Promise<void> {
    for (let left = DOWN_ATTEMPTS; ; left -= 1) {
      try {
        return await this.compose(['down', '--timeout', '0', '--volumes']);
      } catch (error) {
        if (left === 1) return leaveNetwork(error);
        await sleep(DOWN_PAUSE_MS);
      }
    }
  }

  async dispose(): Promise<void> {
    await this.down();
    await rm(this.dir, { recursive: true, force: true });
  }

  private async compose(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
    const where = ['--project-name', this.name, '--project-directory', this.dir, '--progress', 'quiet'];
    await exec(this.binary, [...where, ...args], {
      env: { ...process.env, VERSION: '', ...env },
      maxBuffer: OUTPUT_LIMIT,
    });
  }
}

function composeFile(port: number, { fields }: ComposeService) {
  return {
    services: {
      app: { pull_policy: 'never', ...fields },
      nginx: {
        image: 'nginx:latest',
        pull_policy: 'never',
        ports: [`${String(port)}:8080`],
        volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro'],
      },
    },
  };
}
