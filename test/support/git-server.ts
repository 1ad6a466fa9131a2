/** Real git repositories and real servers for them: `git daemon`, and `git http-backend` behind HTTP with basic authentication. */
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { canConnect } from './can-connect.js';
import type { Certificate } from './certificate.js';
import { freePort } from './free-port.js';
import { GIT_ENVIRONMENT } from './git-environment.js';
import { until } from './until.js';

const run = promisify(execFile);

/** Text, a link (`{ to }`), or null for a file that goes. */
export type Files = Readonly<Record<string, string | { readonly to: string } | null>>;

/** A bare repository and a work tree that pushes to it. */
export class TestRepository {
  readonly root: string;
  readonly bare: string;
  readonly work: string;

  private constructor(root: string) {
    this.root = root;
    this.bare = join(root, 'stack.git');
    this.work = join(root, 'work');
  }

  /** Empty; it goes when the test ends. */
  static async create(): Promise<TestRepository> {
    const root = await mkdtemp(join(tmpdir(), 'swiftdeploy-git-'));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    const repository = new TestRepository(root);
    await run('git', ['init', '--quiet', '--bare', '-b', 'main', repository.bare], { env: GIT_ENVIRONMENT });
    await run('git', ['-C', repository.bare, 'config', 'receive.denyDeleteCurrent', 'ignore'], {
      env: GIT_ENVIRONMENT,
    });
    await run('git', ['init', '--quiet', '-b', 'main', repository.work], { env: GIT_ENVIRONMENT });
    await repository.git('remote', 'add', 'origin', repository.bare);
    return repository;
  }

  /** Runs git in the work tree; its output, trimmed. */
  async git(...args: string[]): Promise<string> {
    const { stdout } = await run('git', args, { cwd: this.work, env: GIT_ENVIRONMENT });
    return stdout.trim();
  }

  /** Commits these files on the branch that is checked out; returns the commit. */
  async commit(files: Files, message = 'Change the stack', ...options: string[]): Promise<string> {
    for (const [name, content] of Object.entries(files)) await this.#write(join(this.work, name), content);
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '-m', message, ...options);
    return this.git('rev-parse', 'HEAD');
  }

  /** As `commit`, and pushes it. */
  async push(files: Files, message?: string): Promise<string> {
    const commit = await this.commit(files, message);
    await this.git('push', '--quiet', '--force', 'origin', 'HEAD', '--tags');
    return commit;
  }

  async #write(path: string, content: Files[string]): Promise<void> {
    await rm(path, { recursive: true, force: true });
    if (content === null) return;
    await mkdir(dirname(path), { recursive: true });
    await (typeof content === 'string' ? writeFile(path, content) : symlink(content.to, path));
  }
}

/** `git daemon` over everything below `root`; the URL of `stack.git`. */
export async function serveGit(root: string): Promise<string> {
  const port = await freePort();
  const options = ['--export-all', '--reuseaddr', `--base-path=${root}`, '--listen=127.0.0.1'];
  const args = ['daemon', ...options, `--port=${String(port)}`, root];
  const daemon = spawn('git', args, { env: GIT_ENVIRONMENT, stdio: 'ignore', detached: true });
  onTestFinished(() => {
    if (daemon.pid !== undefined) process.kill(-daemon.pid, 'SIGKILL');
  });
  await until('git daemon listens', () => canConnect(port));
  return `git://127.0.0.1:${String(port)}/stack.git`;
}

export interface HttpGit {
  readonly url: string;
  /** What is accepted as the password from now on; undefined: everybody is welcome. */
  token: string | undefined;
  /** Where requests are sent on to. */
  redirectTo: string | undefined;
  /** `METHOD path` of every request so far. */
  readonly requests: string[];
}

/** `git http-backend` over everything below `root`, over TLS where there is a certificate; the URL of `stack.git`. */
export async function serveHttpGit(root: string, tls?: Certificate): Promise<HttpGit> {
  const state = { token: undefined, redirectTo: undefined, requests: [] as string[] } as {
    -readonly [key in keyof Omit<HttpGit, 'url'>]: HttpGit[key];
  };
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    state.requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (state.redirectTo !== undefined) {
      response.writeHead(302, { location: `${state.redirectTo}${request.url ?? ''}` }).end();
    } else if (!isWelcome(request, state.token)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    } else answerByBackend(root, request, response);
  };
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  const scheme = tls === undefined ? 'http' : 'https';
  const url = `${scheme}://127.0.0.1:${String(await listening(server))}/stack.git`;
  return Object.assign(state, { url });
}

/** Accepts connections and never says a word; its port. */
export async function serveSilence(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  return listening(server);
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function isWelcome({ headers }: IncomingMessage, token: string | undefined): boolean {
  if (token === undefined) return true;
  const sent = Buffer.from((headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
  return sent.slice(sent.indexOf(':') + 1) === token;
}

/** CGI (RFC 3875): the answer starts with headers, `Status` among them. */
function answerByBackend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://git');
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...GIT_ENVIRONMENT,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  });
  request.pipe(backend.stdin);
  backend.stdin.on('error', () => undefined);
  const output: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  backend.on('close', () => {
    const all = Buffer.concat(output);
    const end = all.indexOf('\r\n\r\n');
    const headers = all
      .subarray(0, end)
      .toString()
      .split('\r\n')
      .map((line) => line.split(': ') as [string, string]);
    const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200';
    response.writeHead(
      parseInt(status, 10),
      Object.fromEntries(headers.filter(([name]) => name !== 'Status')),
    );
    response.end(all.subarray(end + 4));
  });
}
