/** Makes everything that one stack's controller works with, and gives it back; whoever calls has the stack's lock. */
import type { HistoryLog } from '../../controller/history/history-log.js';
import { believedEngines } from '../../reconcilers/policy/believed-engine.js';
import { OverrideFile } from '../../reconcilers/policy/override-file.js';
import { PolicyArchive } from '../../reconcilers/policy/policy-archive.js';
import { ProxyControl } from '../../reconcilers/proxy/proxy-control.js';
import { caughtUp, failureToldLast } from '../../reconcilers/caught-up.js';
import type { StackParts } from '../../reconcilers/stack-parts.js';
import { StateStore, type StackState, type Tokens } from '../../reconcilers/stack-state.js';
import { askMetrics } from '../../reconcilers/traffic/ask-metrics.js';
import { TrafficMonitor } from '../../reconcilers/traffic/traffic-monitor.js';
import { enginePlace } from '../basics/engine-place.js';
import { refuseOtherHome } from '../basics/other-home.js';
import { overlookedWords, ownPoliciesDir, policiesDir } from '../basics/paths.js';
import { lookRequestsDir } from '../reconcile/look-request.js';
import { Doorbell } from './doorbell.js';
import { fileSource } from './file-source.js';
import {
  domainsIn,
  healthMonitor,
  openHistory,
  policyKeeper,
  type Ground,
  type OpenOptions,
} from './ground.js';
import { judgingGate } from './judging-gate.js';
import { lostNotesWords } from './lost-notes.js';
import { stackParts } from './parts-of.js';
import { PolicyShelf } from './policy-shelf.js';

export interface OpenStack {
  readonly parts: StackParts;
  readonly state: StackState;
  /** Folders of policies, there or not: what decides, and what people may make. */
  readonly policies: readonly string[];
  /** Where a person's request for an override is left. */
  readonly overrideFile: string;
  /** Where others leave requests to look now. */
  readonly requestsDir: string;
  readonly bell: Doorbell;
  /** Gives the lock back, too. */
  close(): Promise<void>;
}

/** Gives the lock back when it throws, as where the stack is run from another folder. */
export async function openStack(options: OpenOptions): Promise<OpenStack> {
  try {
    await refuseOtherHome(options.session, options.stack);
    return await assemble(options);
  } catch (error) {
    await options.lock.release();
    throw error;
  }
}

async function assemble(options: OpenOptions): Promise<OpenStack> {
  const { session } = options;
  const bell = new Doorbell();
  const store = new StateStore(session.paths.stateDir, (unread) => {
    const lost = lostNotesWords(unread, session.paths.status);
    if (lost !== undefined) options.reporter.onProgress(lost);
  });
  const { state: noted, tokens } = await store.open();
  const history = await openHistory(options, noted);
  try {
    return await furnished(options, { bell, store, noted, tokens, history });
  } catch (error) {
    await history.close();
    throw error;
  }
}

interface Begun {
  readonly bell: Doorbell;
  readonly store: StateStore;
  readonly noted: StackState;
  readonly tokens: Tokens;
  readonly history: HistoryLog;
}

/** Closes nothing of what it was given when it throws. */
async function furnished(
  options: OpenOptions,
  { bell, store, noted, tokens, history }: Begun,
): Promise<OpenStack> {
  const { session, stack, lock } = options;
  const state = await caughtUp(noted, session.paths.history);
  const source = options.source ?? fileSource(session.options);
  const policies = policiesDir(session.options, stack);
  const overlooked = overlookedWords(session.options, stack);
  if (overlooked !== undefined) options.reporter.onProgress(overlooked);
  const proxy = new ProxyControl(session.engine, tokens.proxy);
  const archive = new PolicyArchive(session.paths.stateDir);
  const traffic = new TrafficMonitor({ ask: askMetrics(() => proxy.admin()) });
  const judging = judgingGate({
    traffic,
    engine: session.engine,
    policyKey: tokens.policy,
    place: enginePlace(session),
    source: () => source.held(),
    onNews: () => bell.ring(),
    onBroken: (error) => options.reporter.onNotice({ kind: 'proxy log broke', error }),
  });
  const ground: Ground = {
    ...options,
    source,
    proxy,
    store,
    tokens,
    history,
    shelf: new PolicyShelf(tokens.policy),
    keeper: policyKeeper(options, archive, () => bell.ring()),
    believes: believedEngines(tokens.policy, archive),
    gate: judging.gate,
    judge: judging.judge,
    health: healthMonitor(proxy, () => bell.ring()),
    traffic,
    domains: await domainsIn(policies),
    overridden: state.overrides ?? [],
    toldFailure: await failureToldLast(noted, session.paths.history),
  };
  await ground.keeper.restore(state.policyRevision);
  const close = async () => {
    ground.health.stop();
    ground.traffic.stop();
    await judging.close();
    await ground.keeper.close();
    await ground.history.close();
    await lock.release();
  };
  const overrideFile = new OverrideFile(session.paths.stateDir).path;
  const watched = [...new Set([policies, ownPoliciesDir(session.options)])];
  const requestsDir = lookRequestsDir(session.paths.stateDir);
  return { parts: stackParts(ground), state, policies: watched, overrideFile, requestsDir, bell, close };
}
