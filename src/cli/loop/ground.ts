/** What an open stack is made of first, because the rest is made of it. */
import type { HistoryEvent } from '../../controller/history/history-event.js';
import { HistoryLog } from '../../controller/history/history-log.js';
import type { StackLock } from '../../controller/stack-lock.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { Judge } from '../../reconcilers/judge/judge.js';
import { HealthMonitor } from '../../reconcilers/observed/health-monitor.js';
import type { Believes } from '../../reconcilers/observed/policy-engine-watch.js';
import { serverAddress } from '../../reconcilers/plan/proxy-model.js';
import { CapabilityShelf } from '../../reconcilers/policy/capabilities.js';
import { checkInContainer } from '../../reconcilers/policy/check-container.js';
import type { Overridden } from '../../reconcilers/policy/override.js';
import type { PolicyArchive } from '../../reconcilers/policy/policy-archive.js';
import { PolicyKeeper } from '../../reconcilers/policy/policy-keeper.js';
import { readPolicySet, type Domain } from '../../reconcilers/policy/policy-set.js';
import type { StackGate } from '../../reconcilers/policy/stack-gate.js';
import { askReplica } from '../../reconcilers/proxy/admin-client.js';
import type { ProxyControl } from '../../reconcilers/proxy/proxy-control.js';
import type { StackSource } from '../../reconcilers/stack-source.js';
import type { StackState, StateStore, Tokens } from '../../reconcilers/stack-state.js';
import type { TrafficMonitor } from '../../reconcilers/traffic/traffic-monitor.js';
import type { Session } from '../basics/session.js';
import type { Reporter } from '../telling/reporter.js';
import type { PolicyShelf } from './policy-shelf.js';

export interface OpenOptions {
  readonly session: Session;
  readonly stack: StackSpec;
  readonly lock: StackLock;
  readonly reporter: Reporter;
  /** Default: the manifest as a file. */
  readonly source?: StackSource;
}

export interface Ground extends OpenOptions {
  readonly source: StackSource;
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
  readonly tokens: Tokens;
  readonly domains: readonly Domain[];
  readonly overridden: readonly Overridden[];
  /** A version's failure that a crash kept from the notes. */
  readonly toldFailure: HistoryEvent | undefined;
}

export function openHistory(
  { session, reporter }: OpenOptions,
  { history }: StackState,
): Promise<HistoryLog> {
  return HistoryLog.open(session.paths.history, {
    known: history,
    onRepair: (repair) => reporter.onNotice({ kind: 'history repaired', repair }),
  });
}

/** Many times what it takes on a machine that has nothing else to do. */
const CHECK_TIMEOUT_MS = 45_000;

export function policyKeeper(
  { session, stack }: OpenOptions,
  archive: PolicyArchive,
  onTried: () => void,
): PolicyKeeper {
  const { image } = stack.policyEngine;
  const place = { engine: session.engine, stack: stack.name, image, timeoutMs: CHECK_TIMEOUT_MS };
  const shelf = new CapabilityShelf(session.paths.stateDir);
  return new PolicyKeeper({
    archive,
    check: (set, signal) => checkInContainer({ ...place, signal }, set, shelf),
    onTried,
  });
}

/** A folder that cannot be read has no domains yet; what is wrong with it is told by the reconciler. */
export async function domainsIn(policies: string): Promise<readonly Domain[]> {
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
