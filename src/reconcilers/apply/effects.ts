/** What each kind of step does to the world: one Engine call, or one change of the proxy. A step without an entry does not compile. */
import type { ContainerFile, Engine } from '../docker/engine.js';
import { placeOf } from '../notes-home.js';
import { HOME_LABEL, type ContainerTemplate } from '../plan/container-template.js';
import type { RolloutFailure, StepArgs, StepOf } from '../plan/steps.js';
import type { ProxyControl } from '../proxy/proxy-control.js';
import { toldLog } from '../secrets/told-log.js';
import type { Tokens } from '../stack-state.js';

export type StepEffects = {
  readonly [K in keyof StepArgs]: (step: StepOf<K>, signal: AbortSignal) => Promise<unknown>;
};

export interface EffectsOptions {
  readonly engine: Engine;
  readonly proxy: ProxyControl;
  readonly stack: string;
  readonly tokens: Tokens;
  /** Where its notes are; containers carry it. */
  readonly stateDir: string;
  /** The bundle of the policy set that should decide, for the container with this id. */
  readonly policyFiles: (containerId: string) => readonly ContainerFile[];
  /** Told how far a long step is. */
  readonly onProgress: (message: string) => void;
  /** Remembers a failure, after it is in the history; the log has no secrets any more. */
  readonly recordFailure: (failure: RolloutFailure, logLines: readonly string[]) => Promise<void>;
}

/** How much of a failed version's log goes into the history. */
const LOG_LINES = 50;

export function stepEffects({
  engine,
  proxy,
  stack,
  tokens,
  stateDir,
  policyFiles,
  recordFailure,
  onProgress,
}: EffectsOptions): StepEffects {
  return {
    pullImage: ({ image }, signal) =>
      engine.pullImage(image, { signal, onProgress: (words) => onProgress(`pulling ${image} ${words}`) }),
    createNetwork: ({ target, driver }) => engine.createNetwork(stack, target, driver),
    removeNetwork: ({ id }) => engine.removeNetwork(id),
    createVolume: ({ target }) => engine.createVolume(stack, target),
    loadPolicies: ({ target }) => loadPolicies(engine, target, policyFiles),
    createContainer: async ({ template }) =>
      engine.createContainer(atHome(template, await placeOf(stateDir))),
    startContainer: ({ target }) => engine.startContainer(target),
    unpauseContainer: ({ id }) => engine.unpauseContainer(id),
    restartContainer: ({ id, graceMs }) => engine.restartContainer(id, graceMs),
    renameContainer: ({ id, to }) => engine.renameContainer(id, to),
    updateContainer: ({ id, template }) => engine.updateContainer(id, template),
    connectNetwork: ({ id, network, aliases }) => engine.connectNetwork(id, network, aliases),
    disconnectNetwork: ({ id, network }) => engine.disconnectNetwork(id, network),
    stopContainer: ({ id, graceMs }) => engine.stopContainer(id, graceMs),
    removeContainer: async ({ id, needs = [] }) => {
      await engine.requirePorts(needs, stack);
      await engine.removeContainer(id);
    },
    recordFailure: async ({ id, failure }) =>
      recordFailure(failure, id === undefined ? [] : await toldLog(engine, id, { lines: LOG_LINES, tokens })),
    configureProxy: ({ target, model }) => proxy.configure(target, model),
    stageProxy: ({ model }) => proxy.stage(model),
    shiftTraffic: ({ route }) => proxy.shift(route),
  };
}

function atHome(template: ContainerTemplate, home: string): ContainerTemplate {
  return { ...template, labels: { ...template.labels, [HOME_LABEL]: home } };
}

/** The files hold for the container that has the name now: in any other they let nobody ask. */
async function loadPolicies(
  engine: Engine,
  name: string,
  filesFor: EffectsOptions['policyFiles'],
): Promise<void> {
  const container = await engine.inspectContainer(name);
  if (container === undefined) throw new Error(`${name} was removed before it had its policies`);
  await engine.putFiles(name, filesFor(container.id));
}
