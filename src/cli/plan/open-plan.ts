/**
 * The controller's eyes without its hands: everything that looking at a stack takes, made from what other commands left behind.
 * It writes no file, needs no lock, and starts nothing that stays.
 */
import type { ToldRevision } from '../../reconcilers/policy/source-fact.js';
import type { Judge } from '../../reconcilers/judge/judge.js';
import { Observer } from '../../reconcilers/observed/observer.js';
import { PolicyEngineWatch } from '../../reconcilers/observed/policy-engine-watch.js';
import type { PolicyRuntime } from '../../reconcilers/plan/templates.js';
import { newToken } from '../../reconcilers/policy/authz-policy.js';
import { believedEngines } from '../../reconcilers/policy/believed-engine.js';
import { PolicyArchive } from '../../reconcilers/policy/policy-archive.js';
import type { PolicySet } from '../../reconcilers/policy/policy-set.js';
import type { StackGate } from '../../reconcilers/policy/stack-gate.js';
import { ProxyControl } from '../../reconcilers/proxy/proxy-control.js';
import type { StackState, Tokens } from '../../reconcilers/stack-state.js';
import { enginePlace } from '../basics/engine-place.js';
import type { Session } from '../basics/session.js';
import { healthMonitor } from '../loop/ground.js';
import { judgingGate } from '../loop/judging-gate.js';
import { PolicyShelf } from '../loop/policy-shelf.js';

export interface Eyes {
  readonly observer: Observer;
  readonly gate: StackGate;
  readonly judge: Judge;
  /** Of which each policy engine's token is made: the stack's, or one that nobody has before there is one. */
  readonly policyKey: string;
  /** What the policy engine would be given; nothing is. */
  readonly runtimeOf: (set: PolicySet) => PolicyRuntime;
  close(): Promise<void>;
}

export interface Noted {
  readonly state: StackState;
  readonly tokens: Partial<Tokens>;
}

/** Stands in a name for what only a token decides, which nobody has made yet. */
export const UNKNOWN = '…';
/** Nobody has it; it goes out in headers, where it is refused as any other. */
const NO_TOKEN = 'none';

/** `revision`: of the manifest; undefined for a plain file. */
export function openEyes(session: Session, { tokens }: Noted, revision?: ToldRevision): Eyes {
  const proxy = new ProxyControl(session.engine, tokens.proxy ?? NO_TOKEN);
  const health = healthMonitor(proxy, () => undefined);
  const { engine } = session;
  const policyKey = tokens.policy ?? newToken();
  const { gate, judge, close } = judgingGate({
    engine,
    policyKey,
    place: enginePlace(session),
    source: () => revision,
  });
  const shelf = new PolicyShelf(policyKey);
  const archive = new PolicyArchive(session.paths.stateDir);
  const watch = new PolicyEngineWatch(believedEngines(policyKey, archive));
  return {
    observer: new Observer(session.engine, proxy, health, watch),
    gate,
    judge,
    policyKey,
    runtimeOf: (set) => {
      const runtime = shelf.serve(set);
      return tokens.policy === undefined ? { ...runtime, digest: UNKNOWN } : runtime;
    },
    close: async () => {
      health.stop();
      await close();
    },
  };
}
