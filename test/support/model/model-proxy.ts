/**
 * The nginx of the model, per container: the file, what the workers serve, and old workers that still finish their requests.
 * An old worker knows the servers of its own configuration until it ends.
 */
import type { ObservedContainer, ObservedProxy } from '../../../src/reconcilers/observed/world.js';
import { addressesOf, type ProxyModel, type RouteModel } from '../../../src/reconcilers/plan/proxy-model.js';

interface Instance {
  file: ProxyModel | undefined;
  fileIs: ObservedProxy['file'];
  served: ProxyModel | undefined;
  servedSince: number;
  staged: ProxyModel | undefined;
  oldWorkers: readonly { readonly servers: ReadonlySet<string>; readonly until: number }[];
}

export class ModelProxy {
  private readonly instances = new Map<string, Instance>();
  /** What a file said last, as whoever drives a proxy remembers it beyond the container. */
  private remembered: ProxyModel | undefined;

  /** `finishMs`: how long an old worker takes to finish its requests. */
  constructor(private readonly finishMs: number) {}

  /** Whoever drove it has gone. */
  forget(): void {
    this.remembered = undefined;
  }

  /** It starts with the file that it has, and no workers of an earlier life. */
  started(id: string, now: number): void {
    const instance = this.of(id);
    this.instances.set(id, {
      ...instance,
      served: instance.fileIs !== 'own' ? undefined : instance.file,
      servedSince: now,
      oldWorkers: [],
    });
  }

  write(id: string, model: ProxyModel): void {
    Object.assign(this.of(id), { file: model, fileIs: 'own' });
  }

  activate(id: string, model: ProxyModel, now: number): void {
    const instance = this.of(id);
    const old = { servers: instance.served === undefined ? new Set<string>() : addressesOf(instance.served) };
    Object.assign(instance, {
      file: model,
      fileIs: 'own',
      served: model,
      servedSince: now,
      staged: model,
      oldWorkers: [...instance.oldWorkers, { ...old, until: now + this.finishMs }],
    } satisfies Partial<Instance>);
  }

  shift(id: string, route: RouteModel, now: number): void {
    const { file } = this.of(id);
    if (file === undefined) throw new Error('the proxy is not there any more');
    const routes = file.routes.map((known) => (known.service === route.service ? route : known));
    this.activate(id, { ...file, routes }, now);
  }

  stage(id: string, model: ProxyModel): void {
    this.of(id).staged = model;
  }

  /** Somebody edits the file inside the container. */
  edit(id: string): void {
    this.of(id).fileIs = 'edited';
  }

  /** Another version of the controller wrote the file. */
  upgrade(id: string): void {
    this.of(id).fileIs = 'outdated';
  }

  /** Somebody deletes the file, or a crash came between the file and the reload. */
  replaceFile(id: string, model: ProxyModel | undefined): void {
    this.remembered = model;
    Object.assign(this.of(id), { file: model, fileIs: 'own' });
  }

  passes(now: number): void {
    for (const instance of this.instances.values())
      instance.oldWorkers = instance.oldWorkers.filter(({ until }) => until > now);
  }

  /** What the running workers serve. */
  served(id: string): ProxyModel | undefined {
    return this.of(id).served;
  }

  /** Every replica that some live worker may send a request to. */
  reachable(id: string): ReadonlySet<string> {
    const { served, oldWorkers } = this.of(id);
    const current = served === undefined ? [] : [...addressesOf(served)];
    return new Set([...current, ...oldWorkers.flatMap(({ servers }) => [...servers])]);
  }

  observe(container: ObservedContainer | undefined, hung: ReadonlyMap<string, number>): ObservedProxy {
    const nothing = { confirmed: false, knownToWorkers: new Set<string>(), file: 'own' } as const;
    if (container === undefined) return nothing;
    const { file, fileIs, served, servedSince, staged } = this.of(container.id);
    const version = container.config.env.NGINX_VERSION;
    this.remembered = file ?? this.remembered;
    const known = {
      ...nothing,
      containerId: container.id,
      ...(this.remembered === undefined ? {} : { model: this.remembered }),
      ...(staged === undefined ? {} : { staged }),
      ...(version === undefined ? {} : { version }),
    };
    if (container.state !== 'running') return known;
    const knownToWorkers = this.reachable(container.id);
    const silentSince = hung.get(container.id);
    if (silentSince !== undefined) return { ...known, knownToWorkers, silentSince };
    if (fileIs !== 'own') return { ...known, file: fileIs, knownToWorkers };
    const confirmed = file !== undefined && served === file;
    return { ...known, confirmed, knownToWorkers, ...(confirmed ? { servedSince } : {}) };
  }

  private of(id: string): Instance {
    const known = this.instances.get(id) ?? {
      file: undefined,
      fileIs: 'own',
      served: undefined,
      servedSince: 0,
      staged: undefined,
      oldWorkers: [],
    };
    this.instances.set(id, known);
    return known;
  }
}
