/** A real nginx with a configuration of ours, and small servers behind it, on a network of their own that goes with them. */
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import Docker from 'dockerode';
import { DockerEngine } from '../../src/reconcilers/docker/docker-engine.js';
import { engineOptions, resolveEngineAddress } from '../../src/reconcilers/docker/engine-address.js';
import { plainOutput } from '../../src/reconcilers/docker/output.js';
import { serverAddress, type ProxyModel, type ServerModel } from '../../src/reconcilers/plan/proxy-model.js';
import { PROXY_ADMIN_PORT, PROXY_PORT } from '../../src/reconcilers/plan/templates.js';
import { ProxyFiles } from '../../src/reconcilers/proxy/proxy-files.js';
import { ADMIN_TOKEN_HEADER } from '../../src/reconcilers/proxy/render-admin.js';
import { renderConfig, revisionOf } from '../../src/reconcilers/proxy/render.js';
import { areResolved } from '../../src/reconcilers/proxy/resolved-upstreams.js';
import { acceptingWorkers } from '../../src/reconcilers/proxy/workers.js';
import { until } from './until.js';

const IMAGE = 'nginx:latest';
const NODE_IMAGE = 'swift-deploy-1-node:latest';
const USER = '10001:10001';
const BACKEND_PORT = 3000;

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Backend {
  readonly container: Docker.Container;
  readonly servers: readonly ServerModel[];
}

export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly body?: string;
  /** Whose connections are used; a fresh one by default. */
  readonly agent?: Agent;
}

/** On a fresh connection, and the path as it is written: nothing normalises it on the way. */
export function ask(port: number, path: string, options: AskOptions = {}): Promise<Reply> {
  const { headers = {}, method = 'GET', body = '', agent = new Agent() } = options;
  const target = { host: '127.0.0.1', port, path, headers, method, agent };
  return new Promise((resolve, reject) => {
    const call = request(target, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}

export class ProxyStage {
  readonly token = randomBytes(16).toString('hex');
  readonly docker = new Docker(engineOptions(resolveEngineAddress(process.env)));
  readonly engine = new DockerEngine(this.docker);
  readonly files = new ProxyFiles(this.engine);
  private readonly name = `swiftdeploy-test-proxy-${randomBytes(4).toString('hex')}`;
  private readonly labels = { 'swiftdeploy.test': this.name };
  private readonly backends: Backend[] = [];
  private container: Docker.Container | undefined;
  private ports = { public: 0, admin: 0 };

  async open(first: ProxyModel): Promise<void> {
    await this.docker.createNetwork({ Name: this.name, Driver: 'bridge', Labels: this.labels });
    const container = await this.start(renderConfig(first, this.token), [PROXY_PORT, PROXY_ADMIN_PORT]);
    this.container = container;
    const { NetworkSettings } = await container.inspect();
    const published = (port: number) => Number(NetworkSettings.Ports[`${String(port)}/tcp`]?.[0]?.HostPort);
    this.ports = { public: published(PROXY_PORT), admin: published(PROXY_ADMIN_PORT) };
    await this.served(first);
  }

  async close(): Promise<void> {
    const filters = JSON.stringify({ label: [`swiftdeploy.test=${this.name}`] });
    const left = await this.docker.listContainers({ all: true, filters });
    await Promise.all(left.map(({ Id }) => this.docker.getContainer(Id).remove({ force: true, v: true })));
    await this.docker.getNetwork(this.name).remove();
  }

  get proxy(): Docker.Container {
    if (this.container === undefined) throw new Error('the stage is not open');
    return this.container;
  }

  get publicPort(): number {
    return this.ports.public;
  }

  get adminPort(): number {
    return this.ports.admin;
  }

  /** Answers with its name and what it was asked; `/own-503` with an error of its own, `/broken-NAME` with nothing. */
  async backend(name: string): Promise<Backend> {
    const config = [
      'pid /tmp/nginx.pid;',
      'events {}',
      'http {',
      ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (kind) => `${kind}_temp_path /tmp/${kind};`,
      ),
      `server { listen ${String(BACKEND_PORT)}; add_header X-Mode canary always;`,
      "location = /own-503 { return 503 'the app itself'; }",
      `location = /broken-${name} { return 444; }`,
      `location / { return 200 '${name} $request_uri $http_host $http_x_forwarded_for $http_x_swiftdeploy_token'; } } }`,
    ].join('\n');
    return this.joined(await this.start(config, []));
  }

  /** Runs this program in Node; it listens on port 3000. */
  async nodeBackend(program: string): Promise<Backend> {
    const container = await this.docker.createContainer({
      Image: NODE_IMAGE,
      User: USER,
      Entrypoint: ['node', '-e', program],
      Labels: this.labels,
      HostConfig: { NetworkMode: this.name, CapDrop: ['ALL'] },
    });
    await container.start();
    return this.joined(container);
  }

  /** Runs this program in Node for what it writes; the Engine keeps its log as told. */
  async writer(program: string, log: Readonly<Record<string, string>>): Promise<string> {
    const container = await this.docker.createContainer({
      Image: NODE_IMAGE,
      Entrypoint: ['node', '-e', program],
      Labels: this.labels,
      HostConfig: { NetworkMode: 'none', LogConfig: { Type: 'json-file', Config: log } },
    });
    await container.start();
    return container.id;
  }

  private joined(container: Docker.Container): Backend {
    const servers = [{ address: serverAddress(container.id), port: BACKEND_PORT }];
    this.backends.push({ container, servers });
    return { container, servers };
  }

  /** Replaces the configuration of the running proxy; from then on no worker of the old one takes a connection. */
  async serve(next: ProxyModel): Promise<void> {
    const old = await this.acceptingWorkers();
    await this.files.writeConfig(this.proxy.id, renderConfig(next, this.token));
    await this.engine.signal(this.proxy.id, 'SIGHUP');
    await this.served(next);
    await until('the old workers take no connection any more', async () =>
      (await this.acceptingWorkers()).every((pid) => !old.includes(pid)),
    );
  }

  /** As the controller asks; a name that no container has stays unresolved. */
  resolved(next: ProxyModel, expected: readonly Backend[]): Promise<boolean> {
    const running = new Set(expected.flatMap(({ servers }) => servers.map(({ address }) => address)));
    const healthPaths = new Map(next.routes.map(({ service }) => [service, '/']));
    return areResolved({ port: this.adminPort, token: this.token }, next, { running, healthPaths });
  }

  /** All that nginx wrote there. */
  async log(stream: 'stdout' | 'stderr'): Promise<string[]> {
    const wanted = { stdout: stream === 'stdout', stderr: stream === 'stderr' };
    const raw = await this.proxy.logs(wanted);
    return plainOutput(raw)
      .split('\n')
      .filter((line) => line !== '');
  }

  private async acceptingWorkers(): Promise<readonly number[]> {
    return acceptingWorkers(await this.engine.processes(this.proxy.id));
  }

  private async served(next: ProxyModel): Promise<void> {
    const headers = { [ADMIN_TOKEN_HEADER]: this.token };
    await until('the proxy serves its configuration', () =>
      ask(this.adminPort, '/config', { headers }).then(
        ({ body }) => body === revisionOf(next),
        () => false,
      ),
    );
    await until('nginx has resolved the names of the backends', () => this.resolved(next, this.backends));
  }

  /** `ports` are published on the loopback. */
  private async start(config: string, ports: readonly number[]): Promise<Docker.Container> {
    const container = await this.docker.createContainer({
      Image: IMAGE,
      User: USER,
      Entrypoint: ['nginx'],
      Cmd: ['-g', 'daemon off;'],
      Labels: this.labels,
      ExposedPorts: Object.fromEntries(ports.map((port) => [`${String(port)}/tcp`, {}])),
      HostConfig: {
        NetworkMode: this.name,
        CapDrop: ['ALL'],
        PortBindings: Object.fromEntries(
          ports.map((port) => [`${String(port)}/tcp`, [{ HostIp: '127.0.0.1', HostPort: '' }]]),
        ),
      },
    });
    await new ProxyFiles(this.engine).writeConfig(container.id, config);
    await container.start();
    return container;
  }
}
