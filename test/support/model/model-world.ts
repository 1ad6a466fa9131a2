/**
 * An engine in memory: containers, networks, volumes, images, a proxy with workers, a policy engine, and a clock that only
 * `passes` moves. It says what `World` says, and `interpret` changes it step by step.
 */
import type { StackSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import { nextHealth } from '../../../src/reconcilers/observed/health-monitor.js';
import type {
  ObservedContainer,
  ObservedEndpoint,
  ObservedHealth,
  ObservedImage,
  ObservedNetwork,
  ObservedVolume,
  World,
} from '../../../src/reconcilers/observed/world.js';
import { serverAddress } from '../../../src/reconcilers/plan/proxy-model.js';
import { behaviourOf, containerId } from './model-container.js';
import { ModelProxy } from './model-proxy.js';
import { HEALTH } from './stacks.js';

export const START = Date.parse('2026-05-05T20:00:00.000Z');

const image = (id: string, change: Partial<ObservedImage> = {}): ObservedImage => ({
  id: `sha256:${id}`,
  user: '10001:10001',
  env: {},
  command: ['serve'],
  entrypoint: [],
  ...change,
});

/** What can be pulled; an image is on the engine once it was. */
export const REGISTRY: ReadonlyMap<string, ObservedImage> = new Map([
  ['app:1', image('app1')],
  ['app:2', image('app2')],
  ['root:1', image('root1', { user: '' })],
  ['nginx:1', image('nginx1', { env: { NGINX_VERSION: '1.30.1' } })],
  ['nginx:old', image('nginxold', { env: { NGINX_VERSION: '1.24.0' } })],
  ['opa:1', image('opa1')],
]);

/** A crash makes the engine wait before it starts a container again. */
const RESTART_MS = 100;
const POLICY_BOOT_MS = 50;

export interface ModelOptions {
  /** How long an old nginx worker takes to finish its requests. */
  readonly finishMs?: number;
}

export class ModelWorld {
  now = START;
  containers: readonly ObservedContainer[] = [];
  networks: readonly ObservedNetwork[] = [];
  volumes: readonly ObservedVolume[] = [];
  /** By name, and by id where a test says so. */
  images = new Map<string, ObservedImage>();
  /** By id: all that had a name once, and were not pruned since. */
  readonly builds = new Map<string, ObservedImage>();
  registry = new Map(REGISTRY);
  readonly proxy: ModelProxy;
  /** Containers that hold a policy bundle. */
  readonly loaded = new Set<string>();
  /** Containers that answer nobody until they are restarted, and since when. */
  readonly hung = new Map<string, number>();
  private made = 0;
  private health = new Map<string, { startedAt: number; state: ObservedHealth | undefined }>();

  constructor({ finishMs = 400 }: ModelOptions = {}) {
    this.proxy = new ModelProxy(finishMs);
  }

  nextId(): string {
    this.made += 1;
    return containerId(this.made);
  }

  hang(id: string): void {
    this.hung.set(id, this.now);
  }

  find(idOrName: string): ObservedContainer | undefined {
    return this.containers.find(({ id, name }) => id === idOrName || name === idOrName);
  }

  change(id: string, change: Partial<ObservedContainer>): void {
    this.containers = this.containers.map((known) => (known.id === id ? { ...known, ...change } : known));
  }

  run(id: string): void {
    this.hung.delete(id);
    this.change(id, { state: 'running', startedAt: this.now, networks: this.joined(id) });
    if (this.find(id)?.role === 'proxy') this.proxy.started(id, this.now);
  }

  /** From its start on a container knows its networks by id. */
  private joined(id: string): ObservedContainer['networks'] {
    const known = this.find(id)?.networks ?? new Map<string, ObservedEndpoint>();
    const idOf = (name: string) => this.networks.find((network) => network.name === name)?.id ?? '';
    return new Map([...known].map(([name, endpoint]) => [name, { ...endpoint, networkId: idOf(name) }]));
  }

  /** As `docker network rm` after `disconnect --force`: who does not run still remembers it. */
  cut(name: string): void {
    this.networks = this.networks.filter((network) => network.name !== name);
    for (const { id, state, networks } of this.containers)
      if (state === 'running' || state === 'paused')
        this.change(id, { networks: new Map([...networks].filter(([key]) => key !== name)) });
  }

  /** As `docker stop`, `docker kill` and a program that ends leave it. */
  end(id: string, exitCode = 0): void {
    this.change(id, { state: 'exited', exitCode, finishedAt: this.now });
  }

  remove(id: string): void {
    this.containers = this.containers.filter((known) => known.id !== id);
  }

  /** Time goes by: programs crash and are started again, workers finish, everybody who is up is asked for health. */
  passes(ms: number): void {
    this.now += ms;
    for (const container of this.containers) this.live(container);
    this.proxy.passes(this.now);
    this.askForHealth();
  }

  private live({
    id,
    state,
    startedAt = 0,
    finishedAt = 0,
    restartCount,
    config,
    version,
  }: ObservedContainer) {
    const { livesMs } = behaviourOf({ ...(version === undefined ? {} : { version }) });
    if (state === 'running' && livesMs !== undefined && this.now - startedAt >= livesMs) {
      this.end(id, 1);
      if (config.restartPolicy !== 'no') this.change(id, { state: 'restarting' });
    }
    if (state === 'restarting' && this.now - finishedAt >= RESTART_MS) {
      this.change(id, { restartCount: restartCount + 1 });
      this.run(id);
    }
  }

  /** Up, on its network, booted and not hung. */
  answers(container: ObservedContainer, network: string): boolean {
    const { bootMs } = behaviourOf(container);
    return (
      container.state === 'running' &&
      container.networks.has(network) &&
      bootMs !== undefined &&
      this.now - (container.startedAt ?? this.now) >= bootMs &&
      !this.hung.has(container.id)
    );
  }

  private askForHealth(): void {
    const asker = this.runningProxy();
    const before = this.health;
    this.health = new Map();
    for (const container of this.containers) {
      const { id, role, state, startedAt } = container;
      if (role !== 'service' || state !== 'running' || startedAt === undefined) continue;
      if (asker !== undefined && !shareNetwork(asker, container)) continue;
      const known = before.get(id);
      const state_ = known?.startedAt === startedAt ? known.state : undefined;
      const answer = asker === undefined ? undefined : this.answerOf(container, asker);
      this.health.set(id, {
        startedAt,
        state: answer === undefined ? state_ : nextHealth(state_, answer, { port: 3000, health: HEALTH }),
      });
    }
  }

  private answerOf(container: ObservedContainer, asker: ObservedContainer) {
    const shared = [...asker.networks.keys()].some((network) => this.answers(container, network));
    return { answered: true, status: shared ? 200 : 500, headers: {}, body: '' } as const;
  }

  runningProxy(): ObservedContainer | undefined {
    return this.containers.find(
      ({ id, role, state }) => role === 'proxy' && state === 'running' && this.proxy.served(id) !== undefined,
    );
  }

  /** By service: replicas that take traffic now and would answer. */
  answering(network: string): ReadonlyMap<string, readonly ObservedContainer[]> {
    const proxy = this.runningProxy();
    const routes = proxy === undefined ? [] : (this.proxy.served(proxy.id)?.routes ?? []);
    return new Map(
      routes.map(({ service, tracks }) => {
        const addresses = tracks
          .filter(({ weight }) => weight > 0)
          .flatMap(({ servers }) => servers.map(({ address }) => address));
        const alive = this.containers.filter(
          (container) => addresses.includes(serverAddress(container.id)) && this.answers(container, network),
        );
        return [service, alive];
      }),
    );
  }

  observe(stack: StackSpec): World {
    const mine = this.containers
      .filter(({ config }) => config.labels['swiftdeploy.stack'] === stack.name)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return {
      containers: mine,
      networks: this.networks,
      volumes: this.volumes,
      images: this.shelf(mine),
      health: new Map(
        [...this.health].flatMap(([id, { state }]) => (state === undefined ? [] : [[id, state] as const])),
      ),
      proxy: this.proxy.observe(proxyOf(mine), this.hung),
      policyEngines: new Map(
        mine
          .filter(({ role, state }) => role === 'policy' && state === 'running')
          .map((engine) => [engine.id, { ready: this.decides(engine), ...silence(engine, this.hung) }]),
      ),
    };
  }

  /** By name, or by id. */
  imageOf(reference: string): ObservedImage | undefined {
    return this.images.get(reference) ?? this.builds.get(reference);
  }

  /** A name that is gone stands for what a container was made of by it. */
  private shelf(mine: readonly ObservedContainer[]): ReadonlyMap<string, ObservedImage> {
    for (const found of this.images.values()) this.builds.set(found.id, found);
    const lost = mine.flatMap(({ config }) => {
      const found = this.imageOf(config.image) === undefined ? this.builds.get(config.imageId) : undefined;
      return found === undefined ? [] : [[config.image, { ...found, untagged: true as const }] as const];
    });
    return new Map([...lost, ...this.builds, ...this.images]);
  }

  decides({ id, state, startedAt = this.now }: ObservedContainer): boolean {
    return (
      state === 'running' &&
      this.loaded.has(id) &&
      !this.hung.has(id) &&
      this.now - startedAt >= POLICY_BOOT_MS
    );
  }
}

/** Since when an engine that runs, and answered before, says nothing. */
function silence({ id }: ObservedContainer, hung: ReadonlyMap<string, number>) {
  const since = hung.get(id);
  return since === undefined ? {} : { silentSince: since, wasReady: true as const };
}

/** As the observer chooses: a running one before others. */
function proxyOf(containers: readonly ObservedContainer[]): ObservedContainer | undefined {
  const proxies = containers.filter(({ role }) => role === 'proxy');
  return proxies.find(({ state }) => state === 'running') ?? proxies[0];
}

/** Who is on no network of the proxy is not asked, and nothing is known of him. */
function shareNetwork(one: ObservedContainer, other: ObservedContainer): boolean {
  return [...one.networks.keys()].some((network) => other.networks.has(network));
}
