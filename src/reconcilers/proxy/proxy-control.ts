/**
 * Drives the nginx of the stack: reads back what it serves, and changes it by a tested file, a reload signal, and the proxy's own word
 * that it serves the new revision (`served-config.ts`). The container is never replaced for that, and never left on a file that fails.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import PQueue from 'p-queue';
import type { Engine } from '../docker/engine.js';
import type { ObservedContainer, ObservedProxy } from '../observed/world.js';
import { addressesOf, opensPlace, type ProxyModel, type RouteModel } from '../plan/proxy-model.js';
import { PROXY_ADMIN_PORT } from '../plan/templates.js';
import type { AdminAddress } from './admin-client.js';
import { ProxyFiles } from './proxy-files.js';
import { modelInLines } from './model-lines.js';
import { modelOf, renderConfig } from './render.js';
import { isSealed } from './seal.js';
import type { Replicas } from './resolved-upstreams.js';
import { ServedConfig, untilTakenOver } from './served-config.js';
import { TestedShapes } from './tested-shapes.js';
import { WorkerBook } from './worker-book.js';
import { acceptingWorkers } from './workers.js';

const NO_PROXY: ObservedProxy = { confirmed: false, knownToWorkers: new Set(), file: 'own' };

/** `nginx -t` refused it; nothing was activated. */
export class ProxyConfigRefused extends Error {
  override readonly name = 'ProxyConfigRefused';
}

export class ProxyControl {
  private readonly files: ProxyFiles;
  private readonly workers = new WorkerBook();
  private readonly config = new ServedConfig(() => this.admin());
  private readonly tested = new TestedShapes();
  /** Changes that overlap would test and reload each other's files. */
  private readonly changes = new PQueue({ concurrency: 1 });
  private readonly pendingRoutes = new Map<string, RouteModel>();
  private pendingShift: Promise<void> | undefined;
  /** The running container, as last observed. */
  private container: ObservedContainer | undefined;
  private model: ProxyModel | undefined;
  private staged: { containerId: string; model: ProxyModel } | undefined;
  private replicas: Replicas = { running: new Set(), healthPaths: new Map() };
  private version: { containerId: string; text: string | undefined } | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly token: string,
  ) {
    this.files = new ProxyFiles(engine);
  }

  /** An event says that somebody, perhaps we, touched the container's files. */
  filesTouched(): void {
    this.files.touched();
  }

  /** Whatever is known of the file may be wrong: read it again at the next look. */
  invalidate(): void {
    this.files.forget();
  }

  /** Absent unless the proxy runs. */
  admin(): AdminAddress | undefined {
    const published = this.container?.ports.find(({ container }) => container === PROXY_ADMIN_PORT);
    return published === undefined ? undefined : { port: published.host, token: this.token };
  }

  async observe(container: ObservedContainer | undefined, replicas: Replicas): Promise<ObservedProxy> {
    this.replicas = replicas;
    this.container = container?.state === 'running' ? container : undefined;
    if (container === undefined) return NO_PROXY;
    const { intact, isWhole } = await this.readModel(container.id);
    const version = await this.versionOf(container);
    const known = {
      containerId: container.id,
      ...(this.model === undefined ? {} : { model: this.model }),
      ...(this.staged?.containerId === container.id ? { staged: this.staged.model } : {}),
      ...(version === undefined ? {} : { version }),
    };
    if (this.container === undefined) {
      this.config.stopped();
      return { ...NO_PROXY, ...known };
    }
    if (intact === undefined)
      return {
        ...NO_PROXY,
        ...known,
        file: isWhole ? 'outdated' : 'edited',
        knownToWorkers: replicas.running,
      };
    return { ...NO_PROXY, ...known, ...(await this.served(intact, replicas.running)) };
  }

  /** The model of the file if it is as we wrote it; an edited one still tells what it was made of. */
  private async readModel(
    containerId: string,
  ): Promise<{ readonly intact?: ProxyModel; readonly isWhole: boolean }> {
    const text = await this.files.read(containerId);
    if (text === undefined) return { isWhole: false };
    const intact = modelOf(text, this.token);
    this.model = intact ?? modelInLines(text) ?? this.model;
    return intact === undefined ? { isWhole: isSealed(text) } : { intact, isWhole: true };
  }

  private async served(model: ProxyModel, replicas: ReadonlySet<string>): Promise<Partial<ObservedProxy>> {
    const confirmed = await this.config.isServedSoon(model);
    // Workers of a configuration that we cannot name may know anybody.
    const knownToWorkers = confirmed ? await this.knownToWorkers(model, replicas) : replicas;
    const { silentSince } = this.config;
    if (silentSince !== undefined) return { confirmed, knownToWorkers, silentSince };
    const servedSince = confirmed ? await this.config.resolvedSince(model, this.replicas) : undefined;
    return { confirmed, knownToWorkers, ...(servedSince === undefined ? {} : { servedSince }) };
  }

  /** Asked only when some replica runs that a worker may know and no route names: `top` is not free. */
  private async knownToWorkers(
    model: ProxyModel,
    replicas: ReadonlySet<string>,
  ): Promise<ReadonlySet<string>> {
    const routed = addressesOf(model);
    const left = this.workers.mayHaveKnown(replicas);
    const unrouted = new Set([...left].filter((address) => !routed.has(address)));
    if (unrouted.size === 0 || this.container === undefined) return new Set();
    this.workers.record(await this.engine.processes(this.container.id), routed);
    return this.workers.mayUse(unrouted);
  }

  /** Asked once per container; images that say NGINX_VERSION need not be asked. */
  private async versionOf({ id, state, config }: ObservedContainer): Promise<string | undefined> {
    if (config.env.NGINX_VERSION !== undefined) return config.env.NGINX_VERSION;
    if (this.version?.containerId !== id) {
      if (state !== 'running') return undefined;
      const { output } = await this.engine.exec(id, ['nginx', '-v']);
      this.version = { containerId: id, text: /nginx\/([0-9.]+)/.exec(output)?.[1] };
    }
    return this.version.text;
  }

  /** Tests a configuration that may be activated soon; throws `ProxyConfigRefused`. */
  stage(model: ProxyModel): Promise<void> {
    return this.changes.add(async () => {
      if (this.container !== undefined) await this.test(this.container.id, model);
    });
  }

  private async test(containerId: string, model: ProxyModel): Promise<void> {
    this.staged = undefined;
    if (!this.tested.has(containerId, model)) {
      const refusal = await this.files.test(containerId, renderConfig(model, this.token));
      if (refusal !== undefined)
        throw new ProxyConfigRefused(`nginx refused its new configuration: ${refusal}`);
      this.tested.add(containerId, model);
    }
    this.staged = { containerId, model };
  }

  /** Routes that are shifted at the same moment, or while another change is on its way, become one reload. */
  shift(route: RouteModel): Promise<void> {
    this.pendingRoutes.set(route.service, route);
    this.pendingShift ??= this.changes.add(() => this.applyShifts());
    return this.pendingShift;
  }

  private async applyShifts(): Promise<void> {
    await sleep(0);
    const routes = new Map(this.pendingRoutes);
    this.pendingRoutes.clear();
    this.pendingShift = undefined;
    const { container, model } = this;
    if (container === undefined || model === undefined) throw new Error('the proxy is not there any more');
    const next = { ...model, routes: model.routes.map((route) => routes.get(route.service) ?? route) };
    await this.activate(container, next);
  }

  /** A container that does not run yet only gets the file. */
  configure(name: string, model: ProxyModel): Promise<void> {
    return this.changes.add(() => this.writeOrActivate(name, model));
  }

  private async writeOrActivate(name: string, model: ProxyModel): Promise<void> {
    const container = await this.engine.inspectContainer(name);
    if (container === undefined) throw new Error(`container ${name} is not there any more`);
    if (container.state === 'running') return this.activate(container, model);
    await this.files.writeConfig(container.id, renderConfig(model, this.token));
    this.model = model;
  }

  private async activate({ id }: ObservedContainer, model: ProxyModel): Promise<void> {
    const before = this.model ?? model;
    await this.test(id, model);
    const text = renderConfig(model, this.token);
    const [processes] = await Promise.all([this.engine.processes(id), this.files.writeConfig(id, text)]);
    this.workers.record(processes, addressesOf(before));
    this.workers.route(addressesOf(model));
    this.model = model;
    await this.engine.signal(id, 'SIGHUP');
    await this.config.untilServed(model, this.replicas);
    if (opensPlace(before, model)) await untilTakenOver(this.engine, id, acceptingWorkers(processes));
  }
}
