/** The gate and the judge, which know each other: the judge asks through the gate, and the gate tells what the judge has found. */
import type { HostProbeOptions } from '../../probes/host.js';
import type { Engine } from '../../reconcilers/docker/engine.js';
import { CanaryMonitor } from '../../reconcilers/judge/canary-monitor.js';
import { Judge } from '../../reconcilers/judge/judge.js';
import type { RevisionSource } from '../../reconcilers/policy/source-fact.js';
import type { TrafficMonitor } from '../../reconcilers/traffic/traffic-monitor.js';
import { StackGate } from '../../reconcilers/policy/stack-gate.js';

export interface JudgingGate {
  readonly gate: StackGate;
  readonly judge: Judge;
  close(): Promise<void>;
}

export interface JudgingGateOptions {
  readonly engine: Engine;
  /** Of which each policy engine's token is made. */
  readonly policyKey: string;
  /** On the engine's host: what is a fact of every question. */
  readonly place: HostProbeOptions;
  /** Where the manifest came from, for the policies. */
  readonly source?: RevisionSource;
  /** There is something to look at. */
  readonly onNews?: () => void;
  /** What the replicas' own metrics say; absent: nobody reads them. */
  readonly traffic?: TrafficMonitor;
  /** The proxy's log cannot be read now; it is tried again. */
  readonly onBroken?: (error: unknown) => void;
}

export function judgingGate(options: JudgingGateOptions): JudgingGate {
  const { engine, policyKey, place, source, traffic, onNews = ignore, onBroken = ignore } = options;
  const canaries = new CanaryMonitor({ engine, onBroken });
  canaries.onNews = onNews;
  const gate: StackGate = new StackGate(policyKey, place, (service) => judge.known(service), {
    ...(source === undefined ? {} : { source }),
  });
  const judge = new Judge(canaries, gate, undefined, traffic);
  const close = async () => {
    await canaries.stop();
    gate.close();
  };
  return { gate, judge, close };
}

function ignore(): void {
  // nobody waits for it
}
