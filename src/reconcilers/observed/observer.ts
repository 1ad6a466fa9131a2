/**
 * Takes the one snapshot that a tick decides on: one list by label, `inspect` only for what changed since it was last seen,
 * the proxy's and the policy engines' own word. It changes nothing.
 */
import type { Engine, EngineEvent } from '../docker/engine.js';
import { orAbsent } from '../docker/engine-errors.js';
import type { StackSpec } from '../desired/stack-spec.js';
import { goalsOf, type Goal } from '../plan/goals.js';
import type { StackMemory } from '../plan/memory.js';
import { policyNetworkName, volumeNames } from '../plan/names.js';
import { serverAddress } from '../plan/proxy-model.js';
import type { ProxyControl } from '../proxy/proxy-control.js';
import { ImageShelf } from './image-shelf.js';
import { LastEnds } from './last-ends.js';
import type { HealthMonitor, HealthTarget } from './health-monitor.js';
import type { PolicyEngineWatch } from './policy-engine-watch.js';
import type { ObservedContainer, World } from './world.js';

/** An error with the places that it came from. */
const LAST_LINES = 20;

export class Observer {
  private readonly inspected = new Map<string, { fingerprint: string; container: ObservedContainer }>();
  private readonly images: ImageShelf;
  private lastNames: ReadonlySet<string> = new Set();
  private readonly lastEnds = new LastEnds();

  constructor(
    private readonly engine: Engine,
    private readonly proxy: ProxyControl,
    private readonly health: HealthMonitor,
    private readonly policyEngines: PolicyEngineWatch,
  ) {
    this.images = new ImageShelf(engine);
  }

  /** Of what the last snapshot was about: networks, volumes, container ids. */
  names(): ReadonlySet<string> {
    return this.lastNames;
  }

  /** Of a container, or anything else: only how containers ended is kept of it. */
  heard(event: EngineEvent): void {
    this.lastEnds.heard(event);
  }

  /** Something about this container changed that the list may not show. */
  forgetContainer(id: string): void {
    this.inspected.delete(id);
  }

  forgetImages(): void {
    this.images.forget();
  }

  /** Events may have been missed: nothing that is remembered counts. */
  forgetAll(): void {
    this.inspected.clear();
    this.images.forget();
    this.proxy.invalidate();
  }

  async observe(stack: StackSpec, memory: StackMemory): Promise<World> {
    const [containers, networks, volumes] = await Promise.all([
      this.containers(stack.name),
      this.engine.listNetworks(stack.name, [stack.network.name, policyNetworkName(stack.name)]),
      this.engine.listVolumes(stack.name, volumeNames(stack)),
    ]);
    const running = containers.filter(({ role, state }) => role === 'service' && state === 'running');
    const replicas = {
      running: new Set(running.map(({ id }) => serverAddress(id))),
      healthPaths: healthPaths(stack),
    };
    const [images, proxy, policyEngines] = await Promise.all([
      this.images.needed(stack, memory, containers),
      this.proxy.observe(proxyOf(containers), replicas),
      this.policyEngines.look(containers),
    ]);
    this.lastNames = namesOf(stack, containers);
    const reachable = running.filter((container) => isOn(container, stack.network.name, networks));
    this.health.watch(healthTargets(stack, memory, reachable));
    return { containers, networks, volumes, images, health: this.health.known(), proxy, policyEngines };
  }

  private async containers(stack: string): Promise<readonly ObservedContainer[]> {
    const list = await this.engine.listContainers(stack);
    const listed = new Set(list.map(({ id }) => id));
    for (const id of this.inspected.keys()) if (!listed.has(id)) this.inspected.delete(id);
    const found = await Promise.all(list.map(({ id, fingerprint }) => this.inspect(id, fingerprint)));
    return found
      .filter((container) => container !== undefined)
      .map((container) => this.withLastEnd(container))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private withLastEnd(container: ObservedContainer): ObservedContainer {
    const lastEnd = container.state === 'running' ? this.lastEnds.of(container.id) : undefined;
    return lastEnd === undefined ? container : { ...container, lastEnd };
  }

  private async inspect(id: string, fingerprint: string): Promise<ObservedContainer | undefined> {
    const known = this.inspected.get(id);
    if (known?.fingerprint === fingerprint && !mayHaveFailedToStart(known.container)) return known.container;
    const found = await this.engine.inspectContainer(id);
    if (found === undefined) return undefined;
    const lastWords = await this.lastWords(found, known?.container);
    const container = lastWords === undefined ? found : { ...found, lastWords };
    this.inspected.set(id, { fingerprint, container });
    return container;
  }

  /** Of the life that ended; while it is up again, as they were. */
  private async lastWords(
    container: ObservedContainer,
    before: ObservedContainer | undefined,
  ): Promise<string | undefined> {
    const { id, role, state, exitCode } = container;
    const hasEnded = (state === 'exited' || state === 'restarting') && exitCode !== 0;
    if (role !== 'service' || !hasEnded) return before?.lastWords;
    const lines = await orAbsent(() => this.engine.logs(id, LAST_LINES));
    return lines?.join('\n');
  }
}

/** The list and the events are silent on a start that failed. */
function mayHaveFailedToStart({ state, startError }: ObservedContainer): boolean {
  return state === 'created' && startError === undefined;
}

function namesOf(stack: StackSpec, containers: readonly ObservedContainer[]): ReadonlySet<string> {
  const networks = [stack.network.name, policyNetworkName(stack.name)];
  return new Set([...networks, ...volumeNames(stack), ...containers.map(({ id }) => id)]);
}

/** A running one before others, so that a stopped copy never hides the one that works. */
function proxyOf(containers: readonly ObservedContainer[]): ObservedContainer | undefined {
  const proxies = containers.filter(({ role }) => role === 'proxy');
  return proxies.find(({ state }) => state === 'running') ?? proxies[0];
}

function healthPaths({ services }: StackSpec): ReadonlyMap<string, string> {
  return new Map(
    services.flatMap(({ name, health }) => (health === undefined ? [] : [[name, health.path] as const])),
  );
}

/** What is not on the stack's network cannot be asked; that it does not answer then says nothing about it. */
function isOn(
  { networks }: ObservedContainer,
  name: string,
  known: readonly { readonly id: string; readonly name: string }[],
): boolean {
  const wanted = known.find((network) => network.name === name)?.id;
  const endpoint = networks.get(name);
  return endpoint !== undefined && [wanted, ''].includes(endpoint.networkId);
}

/** The health check of the spec that a container was made of, where that is known; else that of the manifest. */
function healthTargets(
  stack: StackSpec,
  memory: StackMemory,
  running: readonly ObservedContainer[],
): HealthTarget[] {
  const known = new Map(
    stack.services.map((spec) => [
      spec.name,
      { spec, goals: goalsOf(spec, memory.services[spec.name] ?? {}) },
    ]),
  );
  return running.flatMap((container) => {
    const service = known.get(container.service ?? '');
    if (service === undefined || container.startedAt === undefined) return [];
    const isItsOwn = ({ specHash, track }: Goal) =>
      specHash === container.specHash && track === container.track;
    const { health, container: wanted } = service.goals.find(isItsOwn)?.spec ?? service.spec;
    if (health === undefined || wanted.port === undefined) return [];
    return [{ containerId: container.id, startedAt: container.startedAt, port: wanted.port, health }];
  });
}
