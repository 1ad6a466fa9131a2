/** Everything that one stack's reconciler works with; made once, by the command that runs it. */
import type { HistoryEventInput } from '../controller/history/history-event.js';
import type { HistoryLog } from '../controller/history/history-log.js';
import type { Metrics } from '../controller/metrics.js';
import type { StatusFile } from '../controller/status-file.js';
import type { StepEffects } from './apply/effects.js';
import type { RetryBook } from './apply/retry-book.js';
import type { Applier, StepResult } from './apply/apply.js';
import type { Engine } from './docker/engine.js';
import type { Judge } from './judge/judge.js';
import type { Observer } from './observed/observer.js';
import type { PolicyRuntime } from './plan/templates.js';
import type { OverrideGate } from './policy/override-gate.js';
import type { PolicyKeeper } from './policy/policy-keeper.js';
import type { PolicySet } from './policy/policy-set.js';
import type { StackGate } from './policy/stack-gate.js';
import type { ProxyControl } from './proxy/proxy-control.js';
import type { RetryFile } from './retry-file.js';
import type { StackSource } from './stack-source.js';
import type { StateStore } from './stack-state.js';
import type { SuspendKeeper } from './suspend/suspend-keeper.js';
import type { TrafficMonitor } from './traffic/traffic-monitor.js';

export interface StackParts {
  /** As people call it. */
  readonly manifestPath: string;
  readonly source: StackSource;
  readonly stackName: string;
  readonly resyncMs: number;
  readonly engine: Engine;
  readonly store: StateStore;
  readonly observer: Observer;
  readonly proxy: ProxyControl;
  readonly keeper: PolicyKeeper;
  readonly gate: StackGate;
  readonly overrides: OverrideGate;
  readonly retryFile: RetryFile;
  readonly suspends: SuspendKeeper;
  readonly effects: StepEffects;
  readonly judge: Judge;
  readonly applier: Applier;
  readonly retries: RetryBook;
  readonly history: HistoryLog;
  readonly status: StatusFile;
  readonly metrics: Metrics;
  readonly traffic: TrafficMonitor;
  readonly controller: { readonly pid: number; readonly version: string; readonly startedAt: string };
  /** How a policy set is served. */
  readonly serve: (set: PolicySet) => PolicyRuntime;
  /** Told of what happens, as it happens. */
  readonly listener: StackListener;
}

export interface StackListener {
  onStep(result: StepResult): void;
  onEvent(event: HistoryEventInput): void;
  /** How far a long step is, in words; often. */
  onProgress(message: string): void;
}
