/**
 * The least that a version change can cost on this engine: the same container created and started by raw Engine calls,
 * the app's own start, one configuration put and one nginx reload. No planning, no gate, no health through the proxy, no draining.
 */
import type Docker from 'dockerode';
import { packFiles } from '../src/reconcilers/docker/archive.js';
import { createOptions } from '../src/reconcilers/docker/create-options.js';
import type { ContainerTemplate } from '../src/reconcilers/plan/container-template.js';
import { docker, remove, removeAllOf, TEST_LABEL } from '../test/support/engine.js';
import { benchPort } from './ports.js';
import { WORKLOAD_IMAGE, WORKLOAD_PORT } from './services.js';
import { answersWith, until } from './until.js';

const NGINX_CONF = '/etc/nginx/nginx.conf';

export class EngineFloor {
  readonly url: string;
  private readonly labels: Record<string, string>;
  private current: Docker.Container | undefined;
  private proxy: Docker.Container | undefined;
  private made = 0;

  private constructor(
    private readonly name: string,
    private readonly port: number,
  ) {
    this.url = `http://127.0.0.1:${String(port)}`;
    this.labels = { [TEST_LABEL]: name };
  }

  /** A network and an nginx of its own, so that both sides of the comparison carry the same things. */
  static async up(benchmark: string): Promise<EngineFloor> {
    const floor = new EngineFloor(`swd-bench-${benchmark}-floor`, await benchPort());
    await floor.dispose();
    await floor.open();
    return floor;
  }

  /** Milliseconds from the first Engine call to the first answer of `version` through the proxy. */
  async replace(version: string): Promise<number> {
    const startedAt = performance.now();
    const container = await this.serving(version);
    const elapsed = performance.now() - startedAt;
    if (this.current !== undefined) await remove(this.current.id);
    this.current = container;
    return elapsed;
  }

  /** Milliseconds from the removal of the only container to the first answer of the one made in its place. */
  async heal(version: string): Promise<number> {
    const startedAt = performance.now();
    if (this.current !== undefined) await remove(this.current.id);
    this.current = await this.serving(version);
    return performance.now() - startedAt;
  }

  async dispose(): Promise<void> {
    await removeAllOf(this.name);
  }

  private async open(): Promise<void> {
    await docker.createNetwork({ Name: this.name, Labels: this.labels });
    this.proxy = await docker.createContainer({
      name: `${this.name}-proxy`,
      Image: 'nginx:latest',
      Cmd: ['nginx', '-g', 'daemon off;'],
      Labels: this.labels,
      ExposedPorts: { '8080/tcp': {} },
      HostConfig: {
        NetworkMode: this.name,
        PortBindings: { '8080/tcp': [{ HostPort: String(this.port) }] },
      },
    });
    await this.put('127.0.0.1');
    await this.proxy.start();
  }

  /** The watcher asks from the first moment on, as on our side. */
  private async serving(version: string): Promise<Docker.Container> {
    const served = until(() => answersWith(this.url, version));
    const [container] = await Promise.all([this.start(version), served]);
    return container;
  }

  /** The app's address is asked directly until it answers: nothing sees sooner that it is up. */
  private async start(version: string): Promise<Docker.Container> {
    const container = await docker.createContainer(createOptions(this.template(version)));
    await container.start();
    const { NetworkSettings } = await container.inspect();
    const address = NetworkSettings.Networks[this.name]?.IPAddress ?? '';
    await until(() => answersWith(`http://${address}:${String(WORKLOAD_PORT)}/`, version));
    await this.put(address);
    await this.proxy?.kill({ signal: 'SIGHUP' });
    return container;
  }

  private template(version: string): ContainerTemplate {
    this.made += 1;
    return {
      name: `${this.name}-app-${String(this.made)}`,
      role: 'service',
      image: WORKLOAD_IMAGE,
      pull: 'never',
      user: '10001:10001',
      env: { APP_VERSION: version, APP_PORT: String(WORKLOAD_PORT), MODE: 'stable' },
      labels: this.labels,
      mounts: [],
      tmpfs: [],
      readOnly: false,
      capAdd: [],
      pids: 512,
      restartPolicy: 'unless-stopped',
      stopGraceMs: 10_000,
      publish: [],
      network: this.name,
      aliases: [],
    };
  }

  private async put(address: string): Promise<void> {
    const server = `listen 8080; location / { proxy_pass http://${address}:${String(WORKLOAD_PORT)}; }`;
    const content = `worker_processes auto;\nevents {}\nhttp { access_log off; server { ${server} } }\n`;
    await this.proxy?.putArchive(packFiles([{ path: NGINX_CONF, content, mode: 0o644, uid: 0 }]), {
      path: '/',
    });
  }
}
