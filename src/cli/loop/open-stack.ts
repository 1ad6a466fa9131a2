/** Makes everything that one stack's controller works with, and gives it back; whoever calls has the stack's lock. */
import { HistoryLog } from '../../controller/history/history-log.js';
import type { StackLock } from '../../controller/stack-lock.js';
import { StatusFile } from '../../controller/status-file.js';
import { Applier } from '../../reconcilers/apply/apply.js';
import { stepEffects, type StepEffects } from '../../reconcilers/apply/effects.js';
import { RetryBook } from '../../reconcilers/apply/retry-book.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { Judge } from '../../reconcilers/judge/judge.js';
import { HealthMonitor } from '../../reconcilers/observed/health-monitor.js';
import { Observer } from '../../reconcilers/observed/observer.js';
import { PolicyEngineWatch, type Believes } from '../../reconcilers/observed/policy-engine-watch.js';
import { serverAddress } from '../../reconcilers/plan/proxy-model.js';
import { believedEngines } from '../../reconcilers/policy/believed-engine.js';
import { CapabilityShelf } from '../../reconcilers/policy/capabilities.js';
import { checkInContainer } from '../../reconcilers/policy/check-container.js';
import type { Overridden } from '../../reconcilers/policy/override.js';
import { OverrideFile } from '../../reconcilers/policy/override-file.js';
import { PolicyArchive } from '../../reconcilers/policy/policy-archive.js';
import { PolicyKeeper } from '../../reconcilers/policy/policy-keeper.js';
import { readPolicySet, type Domain } from '../../reconcilers/policy/policy-set.js';
import type { StackGate } from '../../reconcilers/policy/stack-gate.js';
import { askReplica } from '../../reconcilers/proxy/admin-client.js';
import { failureEvent } from '../../reconcilers/report/failure-event.js';
import { ProxyControl } from '../../reconcilers/proxy/proxy-control.js';
import type { StackParts } from '../../reconcilers/stack-parts.js';
import { StateStore, type StackState } from '../../reconcilers/stack-state.js';
import { askMetrics } from '../../reconcilers/traffic/ask-metrics.js';
import { TrafficMonitor } from '../../reconcilers/traffic/traffic-monitor.js';
import { Doorbell } from './doorbell.js';
import { policiesDir } from '../basics/paths.js';
import { overrideGate } from '../override/override-gate.js';
import { judgingGate } from './judging-gate.js';
import { PolicyShelf } from './policy-shelf.js';
import type { Reporter } from '../telling/reporter.js';
import type { Session } from '../basics/session.js';
import { stackMetrics } from './stack-metrics.js';
import { VERSION } from '../basics/package-version.js';

export const RESYNC_MS = 30_000;

export interface OpenStack {
  readonly parts: StackParts;
  readonly state: StackState;
  /** The folder that people edit. */
  readonly policies: string;
  /** Where a person's request for an override is left. */
  readonly overrideFile: string;
  readonly url: string;
  readonly bell: Doorbell;
  /** Gives the lock back, too. */
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly session: Session;
  readonly stack: StackSpec;
  readonly lock: StackLock;
  readonly reporter: Reporter;
}

/** What is made first, because the rest is made of it. */
interface Ground extends OpenOptions {
  readonly proxy: ProxyControl;
  readonly history: HistoryLog;
  readonly shelf: PolicyShelf;
  readonly keeper: PolicyKeeper;
  readonly believes: Believes;
  readonly gate: StackGate;
  readonly health: HealthMonitor;
  readonly traffic: TrafficMonitor;
  readonly judge: Judge;
  readonly store: StateStore;
  readonly domains: readonly Domain[];
  readonly overridden: readonly Overridden[];
}

/** Gives the lock back when it throws. */
export async function openStack(options: OpenOptions): Promise<OpenStack> {
  try {
    return await assemble(options);
  } catch (error) {
    await options.lock.release();
    throw error;
  }
}

async function assemble(options: OpenOptions): Promise<OpenStack> {
  const { session, stack, lock } = options;
  const bell = new Doorbell();
  const store = new StateStore(session.paths.stateDir);
  const { state, tokens } = await store.open();
  const policies = policiesDir(session.options, stack);
  const proxy = new ProxyControl(session.engine, tokens.proxy);
  const archive = new PolicyArchive(session.paths.stateDir);
  const judging = judgingGate({
    engine: session.engine,
    token: tokens.policy,
    dataRoot: session.info.dataRoot,
    onNews: () => bell.ring(),
    onBroken: (error) => options.reporter.onNotice({ kind: 'proxy log broke', error }),
  });
  const ground: Ground = {
    ...options,
    proxy,
    store,
    history: await openHistory(options),
    shelf: new PolicyShelf(tokens.policy),
    keeper: policyKeeper(options, policies, archive),
    believes: believedEngines(tokens.policy, archive),
    gate: judging.gate,
    judge: judging.judge,
    health: healthMonitor(proxy, () => bell.ring()),
    traffic: new TrafficMonitor({ ask: askMetrics(() => proxy.admin()) }),
    domains: await domainsIn(policies),
    overridden: state.overrides ?? [],
  };
  await ground.keeper.restore(state.policyRevision);
  const url = `http://127.0.0.1:${String(stack.proxy.port)}`;
  const close = async () => {
    ground.health.stop();
    ground.traffic.stop();
    await judging.close();
    await ground.history.close();
    await lock.release();
  };
  const overrideFile = new OverrideFile(session.paths.stateDir).path;
  return { parts: stackParts(ground), state, policies, overrideFile, url, bell, close };
}

function openHistory({ session, reporter }: OpenOptions): Promise<HistoryLog> {
  return HistoryLog.open(session.paths.history, {
    onRepair: (repair) => reporter.onNotice({ kind: 'history repaired', repair }),
  });
}

/** Many times what it takes on a machine that has nothing else to do. */
const CHECK_TIMEOUT_MS = 45_000;

function policyKeeper({ session, stack }: OpenOptions, dir: string, archive: PolicyArchive): PolicyKeeper {
  const { image } = stack.policyEngine;
  const place = { engine: session.engine, stack: stack.name, image, timeoutMs: CHECK_TIMEOUT_MS };
  const shelf = new CapabilityShelf();
  return new PolicyKeeper({
    dir,
    archive,
    check: (set) => checkInContainer(place, set, shelf),
  });
}

/** A folder that cannot be read has no domains yet; what is wrong with it is told by the reconciler. */
async function domainsIn(policies: string): Promise<readonly Domain[]> {
  try {
    return (await readPolicySet(policies)).domains;
  } catch {
    return [];
  }
}

/** Health is asked for through the proxy: on the path that traffic will take. */
export function healthMonitor(proxy: ProxyControl, onChange: () => void): HealthMonitor {
  return new HealthMonitor(({ containerId, port, health: { path, timeoutMs } }) => {
    const admin = proxy.admin();
    return admin === undefined
      ? Promise.resolve(undefined)
      : askReplica(admin, { address: serverAddress(containerId), port, path, timeoutMs });
  }, onChange);
}

function stackParts(ground: Ground): StackParts {
  const { session, stack, reporter, proxy, history, shelf, keeper, gate, health, traffic, store } = ground;
  const { judge, domains } = ground;
  const { paths, engine } = session;
  const effects = effectsOf(ground);
  return {
    manifestPath: paths.manifest,
    stackName: stack.name,
    resyncMs: RESYNC_MS,
    engine,
    store,
    observer: new Observer(engine, proxy, health, new PolicyEngineWatch(ground.believes)),
    proxy,
    keeper,
    gate,
    judge,
    overrides: overrideGate({ ...ground, stateDir: paths.stateDir }),
    applier: new Applier(),
    retries: new RetryBook(),
    history,
    status: new StatusFile(paths.status),
    metrics: stackMetrics({ effects, services: stack.services.map(({ name }) => name), domains }),
    traffic,
    controller: { pid: process.pid, version: VERSION, startedAt: new Date().toISOString() },
    serve: (set) => shelf.serve(set),
    listener: reporter,
    effects,
  };
}

function effectsOf({ session, stack, reporter, proxy, history, shelf }: Ground): StepEffects {
  return stepEffects({
    engine: session.engine,
    proxy,
    stack: stack.name,
    policyFiles: () => shelf.files(),
    onProgress: (message) => reporter.onProgress(message),
    recordFailure: async (failure, log) => {
      const event = failureEvent(failure, log);
      await history.append(event);
      reporter.onEvent(event);
    },
  });
}
