/**
 * The controller's eyes without its hands: everything that looking at a stack takes, made from what other commands left behind.
 * It writes no file, needs no lock, and starts nothing but questions.
 */
import { Observer } from '../../reconcilers/observed/observer.js';
import type { PolicyRuntime } from '../../reconcilers/plan/templates.js';
import type { PolicySet } from '../../reconcilers/policy/policy-set.js';
import { StackGate } from '../../reconcilers/policy/stack-gate.js';
import { ProxyControl } from '../../reconcilers/proxy/proxy-control.js';
import type { StackState, Tokens } from '../../reconcilers/stack-state.js';
import type { Session } from '../basics/session.js';
import { healthMonitor } from '../loop/open-stack.js';
import { PolicyShelf } from '../loop/policy-shelf.js';

export interface Eyes {
  readonly observer: Observer;
  readonly gate: StackGate;
  /** What the policy engine would be given; nothing is. */
  readonly runtimeOf: (set: PolicySet) => PolicyRuntime;
  close(): void;
}

export interface Noted {
  readonly state: StackState;
  readonly tokens: Partial<Tokens>;
}

/** Stands in a name for what only a token decides, which nobody has made yet. */
export const UNKNOWN = '…';

export function openEyes(session: Session, { tokens }: Noted): Eyes {
  const proxy = new ProxyControl(session.engine, tokens.proxy ?? UNKNOWN);
  const health = healthMonitor(proxy, () => undefined);
  const gate = new StackGate(tokens.policy ?? UNKNOWN, session.info.dataRoot);
  const shelf = new PolicyShelf(tokens.policy ?? UNKNOWN);
  return {
    observer: new Observer(session.engine, proxy, health),
    gate,
    runtimeOf: (set) => {
      const { runtime } = shelf.serve(set);
      return tokens.policy === undefined ? { ...runtime, digest: UNKNOWN } : runtime;
    },
    close: () => {
      health.stop();
      gate.close();
    },
  };
}
